using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>
/// Writes a <see cref="Push"/> from its parts, byte for byte as <see cref="FrameWriter"/> would write the record. A push to many connections is encoded
/// once: the head is the same for all, the tail is each one's own.
/// </summary>
public static class PushWriter
{
    /// <summary>The most bytes that <see cref="WriteTail"/> writes.</summary>
    public const int TailBytesMax = 192;

    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type"), PushType = JsonEncodedText.Encode(Push.WireType);
    private static readonly JsonEncodedText MessageId = JsonEncodedText.Encode("messageId"), Mesh = JsonEncodedText.Encode("meshId");
    private static readonly JsonEncodedText Sender = JsonEncodedText.Encode("senderPubkey"), Nonce = JsonEncodedText.Encode("nonce");
    private static readonly JsonEncodedText Ciphertext = JsonEncodedText.Encode("ciphertext"), CreatedAt = JsonEncodedText.Encode("createdAt");
    private static readonly JsonEncodedText PriorityName = JsonEncodedText.Encode("priority"), Now = JsonEncodedText.Encode("now");
    private static readonly JsonEncodedText Next = JsonEncodedText.Encode("next"), Low = JsonEncodedText.Encode("low");
    private static readonly JsonEncodedText SenderMember = JsonEncodedText.Encode("senderMemberPubkey");
    private static readonly JsonEncodedText SenderMemberId = JsonEncodedText.Encode("senderMemberId");
    private static readonly JsonEncodedText SenderName = JsonEncodedText.Encode("senderName");
    private static readonly JsonEncodedText ClientMessageId = JsonEncodedText.Encode("client_message_id");
    private static readonly JsonEncodedText Fingerprint = JsonEncodedText.Encode("request_fingerprint");
    private static readonly JsonEncodedText Topic = JsonEncodedText.Encode("topic"), ReplyToId = JsonEncodedText.Encode("replyToId");
    private static readonly JsonEncodedText BodyVersion = JsonEncodedText.Encode("bodyVersion"), Header = JsonEncodedText.Encode("header");
    private static readonly JsonEncodedText Target = JsonEncodedText.Encode("target");

    /// <summary>Writes the whole frame.</summary>
    public static void Write(IBufferWriter<byte> to, scoped in PushParts parts, in PushTail tail)
    {
        WriteHead(to, parts);
        WriteTail(to, tail);
    }

    /// <summary>Writes everything that all connections share, up to where the tail begins.</summary>
    public static void WriteHead(IBufferWriter<byte> to, scoped in PushParts parts)
    {
        Span<byte> time = stackalloc byte[InstantConverter.Length];
        Utf8JsonWriter json = ThreadJsonWriter.Take(to);
        json.WriteStartObject();
        json.WriteString(Type, PushType);
        json.WriteString(MessageId, parts.MessageId);
        json.WriteString(Mesh, parts.MeshId.Value);
        WriteHex(json, Sender, parts.SenderKey);
        json.WriteBase64String(Nonce, parts.Nonce);
        json.WriteBase64String(Ciphertext, parts.Ciphertext);
        json.WriteString(CreatedAt, InstantConverter.Encode(parts.CreatedAt, time));
        if (parts.Priority is { } priority)
            json.WriteString(PriorityName, priority switch { Priority.Now => Now, Priority.Next => Next, _ => Low });

        WriteHex(json, SenderMember, parts.SenderMemberKey);
        WriteText(json, SenderMemberId, parts.SenderMemberId?.Value);
        WriteText(json, SenderName, parts.SenderName);
        WriteText(json, ClientMessageId, parts.ClientMessageId);
        WriteHex(json, Fingerprint, parts.RequestFingerprint);
        WriteText(json, Topic, parts.Topic);
        WriteText(json, ReplyToId, parts.ReplyToId);
        if (parts.BodyVersion != 0)
            json.WriteNumber(BodyVersion, parts.BodyVersion);

        if (!parts.Header.IsEmpty)
            json.WriteBase64String(Header, parts.Header);

        WriteText(json, Target, parts.Target);

        // The object stays open: the tail closes it.
        json.Flush();
    }

    /// <summary>Writes what belongs to one connection, and the end of the frame.</summary>
    public static void WriteTail(IBufferWriter<byte> to, in PushTail tail)
    {
        Span<byte> space = to.GetSpan(TailBytesMax);
        int at = 0;
        if (tail.Position != 0)
        {
            at = Put(space, at, ",\"position\":"u8);
            at = Put(space, at, tail.Position);
            at = Put(space, at, ",\"previous\":"u8);
            at = Put(space, at, tail.Previous);
        }

        if (tail.Again)
            at = Put(space, at, ",\"again\":true"u8);

        if (tail.SessionId is { } session)
        {
            at = Put(space, at, ",\"sessionId\":\""u8);

            // A session id has letters, digits, - and _ only: nothing to escape.
            at += Encoding.ASCII.GetBytes(session.Value, space[at..]);
            at = Put(space, at, "\""u8);
        }

        to.Advance(Put(space, at, "}"u8));
    }

    private static void WriteHex(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            return;

        Span<byte> hex = stackalloc byte[PublicKey.HexLength];
        if (!Convert.TryToHexStringLower(key, hex, out int written))
            throw new ArgumentException("A key has 32 bytes.", nameof(key));

        json.WriteString(name, hex[..written]);
    }

    private static void WriteText(Utf8JsonWriter json, JsonEncodedText name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void WriteText(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> utf8)
    {
        if (!utf8.IsEmpty)
            json.WriteString(name, utf8);
    }

    private static int Put(Span<byte> space, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(space[at..]);
        return at + bytes.Length;
    }

    private static int Put(Span<byte> space, int at, long number)
    {
        number.TryFormat(space[at..], out int written, default, System.Globalization.CultureInfo.InvariantCulture);
        return at + written;
    }
}
