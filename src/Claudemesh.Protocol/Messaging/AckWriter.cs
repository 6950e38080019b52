using System.Buffers;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>Writes an <see cref="Ack"/> from its parts, byte for byte as <see cref="FrameWriter"/> would write the record.</summary>
public static class AckWriter
{
    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type"), AckType = JsonEncodedText.Encode(Ack.WireType);
    private static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("_reqId");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id"), MessageIdName = JsonEncodedText.Encode("messageId");
    private static readonly JsonEncodedText Queued = JsonEncodedText.Encode("queued"), Error = JsonEncodedText.Encode("error");
    private static readonly JsonEncodedText Code = JsonEncodedText.Encode("code"), Recipients = JsonEncodedText.Encode("recipients");
    private static readonly JsonEncodedText Again = JsonEncodedText.Encode("again");

    /// <param name="id">The <c>id</c> of the send; empty when it had none.</param>
    /// <param name="messageId">The broker's name for the message: its 32 letters and digits.</param>
    /// <param name="recipients">How many mailboxes it waits in.</param>
    /// <param name="again">True when this client id had been accepted before.</param>
    /// <param name="requestId">The send's <c>_reqId</c> as <see cref="FrameHead.RequestId(ReadOnlySpan{byte})"/> gives it.</param>
    public static void WriteAccepted(
        IBufferWriter<byte> to,
        ReadOnlySpan<char> id,
        ReadOnlySpan<byte> messageId,
        int recipients,
        bool again,
        ReadOnlySpan<byte> requestId = default)
    {
        Utf8JsonWriter json = Begin(to, id, messageId, queued: true, requestId);
        json.WriteNumber(Recipients, recipients);
        if (again)
            json.WriteBoolean(Again, value: true);

        End(json);
    }

    /// <param name="error">Its <see cref="MeshError.AckText"/> becomes the text, which original daemons read.</param>
    public static void WriteRefused(IBufferWriter<byte> to, ReadOnlySpan<char> id, MeshError error, ReadOnlySpan<byte> requestId = default)
    {
        Utf8JsonWriter json = Begin(to, id, [], queued: false, requestId);
        json.WriteString(Error, error.AckText);
        json.WriteString(Code, error.Code);
        End(json);
    }

    private static Utf8JsonWriter Begin(
        IBufferWriter<byte> to, ReadOnlySpan<char> id, ReadOnlySpan<byte> messageId, bool queued, ReadOnlySpan<byte> requestId)
    {
        Utf8JsonWriter json = ThreadJsonWriter.Take(to);
        json.WriteStartObject();
        json.WriteString(Type, AckType);
        if (!requestId.IsEmpty)
            ThreadJsonWriter.WriteEscapedText(json, RequestId, requestId);

        json.WriteString(Id, id);
        json.WriteString(MessageIdName, messageId);
        json.WriteBoolean(Queued, queued);
        return json;
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
    }
}
