using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>
/// Reads <see cref="Send"/> by hand, because it is half of what a broker reads. It takes the frames that clients really write and leaves everything
/// unusual to <see cref="FrameReader"/>, which alone refuses: so the two can never disagree about what is valid.
/// </summary>
public static class SendReader
{
    [Flags]
    private enum Field
    {
        None = 0,
        TargetSpec = 1,
        Nonce = 2,
        Ciphertext = 4,
        Id = 8,
        Priority = 16,
        ClientMessageId = 32,
        RequestFingerprint = 64,
        ReplyToId = 128,
        BodyVersion = 256,
        Header = 512,
        SessionId = 1024,

        /// <summary>Not ours to read, or read elsewhere.</summary>
        Other = 2048,

        /// <summary>Ours, but rare.</summary>
        Unusual = 4096,

        Required = TargetSpec | Nonce | Ciphertext,
    }

    /// <param name="utf8">A frame that <see cref="FrameHead.TryScan(ReadOnlySpan{byte}, out FrameHead)"/> has accepted.</param>
    /// <param name="send">The message, its texts and bytes decoded and within their limits.</param>
    /// <param name="refusal">What is wrong; tell it with an <see cref="Ack"/> for the frame's <see cref="FrameHead.FindId"/>.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Send? send, [NotNullWhen(false)] out MeshError? refusal)
    {
        refusal = null;
        send = FindUsual(utf8);
        return send is not null || FrameReader.TryRead(utf8, out send, out refusal);
    }

    private static Send? FindUsual(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        Fields fields = default;
        Field seen = Field.None;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Field field = Recognize(ref reader);
            if (field == Field.Unusual || (field != Field.Other && (seen & field) != Field.None))
                return null;

            reader.Read();
            seen |= field;
            if (field == Field.Other)
                reader.Skip();
            else if (reader.ValueIsEscaped || !fields.TryTake(field, ref reader))
                return null;
        }

        if ((seen & Field.Required) != Field.Required)
            return null;

        Send send = fields.ToSend();
        return ((ILimited)send).FindFault() is null ? send : null;
    }

    private static Field Recognize(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
            return Field.Unusual;

        ReadOnlySpan<byte> name = reader.ValueSpan;
        return name.Length switch
        {
            2 when name.SequenceEqual("id"u8) => Field.Id,
            5 when name.SequenceEqual("nonce"u8) => Field.Nonce,
            6 when name.SequenceEqual("header"u8) => Field.Header,
            8 when name.SequenceEqual("priority"u8) => Field.Priority,
            8 when name.SequenceEqual("mentions"u8) => Field.Unusual,
            9 when name.SequenceEqual("replyToId"u8) => Field.ReplyToId,
            9 when name.SequenceEqual("sessionId"u8) => Field.SessionId,
            10 when name.SequenceEqual("targetSpec"u8) => Field.TargetSpec,
            10 when name.SequenceEqual("ciphertext"u8) => Field.Ciphertext,
            11 when name.SequenceEqual("bodyVersion"u8) => Field.BodyVersion,
            17 when name.SequenceEqual("client_message_id"u8) => Field.ClientMessageId,
            19 when name.SequenceEqual("request_fingerprint"u8) => Field.RequestFingerprint,
            _ => Field.Other,
        };
    }

    private static Priority? FindPriority(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("next"u8) => Priority.Next,
        _ when word.SequenceEqual("now"u8) => Priority.Now,
        _ when word.SequenceEqual("low"u8) => Priority.Low,
        _ => null,
    };

    private struct Fields
    {
        private string? targetSpec;
        private byte[]? nonce;
        private byte[]? ciphertext;
        private string? id;
        private Priority? priority;
        private string? clientMessageId;
        private byte[]? fingerprint;
        private string? replyToId;
        private int? bodyVersion;
        private byte[]? header;
        private SessionId? sessionId;

        /// <summary>Takes a value that has the usual form; false for any other, null included.</summary>
        public bool TryTake(Field field, ref Utf8JsonReader reader)
        {
            if (field == Field.BodyVersion)
            {
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int version))
                    return false;

                bodyVersion = version;
                return true;
            }

            if (reader.TokenType != JsonTokenType.String)
                return false;

            switch (field)
            {
                case Field.TargetSpec:
                    targetSpec = reader.GetString();
                    return true;
                case Field.Nonce:
                    return CanonicalBase64.TryDecode(reader.ValueSpan, out nonce);
                case Field.Ciphertext:
                    return CanonicalBase64.TryDecode(reader.ValueSpan, out ciphertext);
                case Field.Id:
                    id = Shared(ref reader, clientMessageId);
                    return true;
                case Field.Priority:
                    priority = FindPriority(reader.ValueSpan);
                    return priority is not null;
                case Field.ClientMessageId:
                    clientMessageId = Shared(ref reader, id);
                    return true;
                case Field.RequestFingerprint:
                    return Hex32Converter.TryRead(ref reader, out fingerprint);
                case Field.ReplyToId:
                    replyToId = reader.GetString();
                    return true;
                case Field.Header:
                    return CanonicalBase64.TryDecode(reader.ValueSpan, out header);
                case Field.SessionId:
                    bool valid = SessionId.TryParse(reader.GetString(), out SessionId session);
                    sessionId = session;
                    return valid;
                default:
                    return false;
            }
        }

        public readonly Send ToSend() => new(
            targetSpec!,
            nonce!,
            ciphertext!,
            id,
            priority,
            clientMessageId,
            fingerprint,
            Mentions: null,
            replyToId,
            bodyVersion,
            header,
            sessionId);

        /// <summary>Daemons send one text in both <c>id</c> and <c>client_message_id</c>.</summary>
        private static string? Shared(ref Utf8JsonReader reader, string? other) =>
            other is not null && reader.ValueTextEquals(other) ? other : reader.GetString();
    }
}
