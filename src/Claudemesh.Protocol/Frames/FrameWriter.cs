using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>Writes messages as frames: <c>{"type":…,"_reqId":…,</c> and then the record's own fields, straight into the given buffer.</summary>
/// <remarks>One writer per thread is kept and used again. Nothing here may be interrupted by another write on the same thread.</remarks>
public static class FrameWriter
{
    /// <summary>Base64 and names of people stay readable: frames are never embedded in HTML.</summary>
    internal static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static Splice? splice;

    [ThreadStatic]
    private static Utf8JsonWriter? json;

    /// <param name="to">Gets exactly one JSON object.</param>
    /// <param name="requestId">The request's <c>_reqId</c> as <see cref="FrameHead.RequestId(ReadOnlySpan{byte})"/> gives it; empty to leave it out.</param>
    public static void Write<T>(IBufferWriter<byte> to, T message, ReadOnlySpan<byte> requestId = default)
        where T : class, IMessage
    {
        Begin(to, T.WireType, requestId);
        Splice into = splice ??= new Splice();
        Utf8JsonWriter writer = json ??= new Utf8JsonWriter(into, Options);
        into.Start(to);
        try
        {
            JsonSerializer.Serialize(writer, message, ProtocolJson.TypeInfo<T>());
            writer.Flush();
        }
        finally
        {
            writer.Reset();
            into.Stop();
        }
    }

    /// <summary>Writes a record alone, as the body of an answer or the data of an event. It has no line breaks.</summary>
    public static void WriteBody<T>(IBufferWriter<byte> to, T body)
        where T : class
    {
        Utf8JsonWriter writer = ThreadJsonWriter.Take(to);
        JsonSerializer.Serialize(writer, body, ProtocolJson.TypeInfo<T>());
        writer.Flush();
    }

    /// <summary>Writes a refusal as an <c>error</c>.</summary>
    /// <param name="id">The <c>id</c> of the refused message; some 1.x clients correlate by it.</param>
    public static void WriteError(IBufferWriter<byte> to, MeshError error, ReadOnlySpan<byte> requestId = default, string? id = null) =>
        Write(to, ErrorReply.From(error, id), requestId);

    /// <summary>Writes <c>{"type":"…"</c> and the request id; a comma or the closing brace must follow.</summary>
    internal static void Begin(IBufferWriter<byte> to, string type, ReadOnlySpan<byte> requestId)
    {
        Span<byte> space = to.GetSpan(type.Length + requestId.Length + 32);
        int at = Put(space, "{\"type\":\""u8);
        at += Encoding.ASCII.GetBytes(type, space[at..]);
        at += Put(space[at..], "\""u8);
        if (!requestId.IsEmpty)
        {
            at += Put(space[at..], ",\"_reqId\":\""u8);
            at += Put(space[at..], requestId);
            at += Put(space[at..], "\""u8);
        }

        to.Advance(at);
    }

    private static int Put(Span<byte> to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to);
        return bytes.Length;
    }

    /// <summary>
    /// Joins a record to a head that is already there: the record's opening brace becomes the comma between the two. It stands between the JSON
    /// writer and the buffer and changes that one byte before it is handed on, so nothing is copied.
    /// </summary>
    private sealed class Splice : IBufferWriter<byte>
    {
        private IBufferWriter<byte>? to;
        private Memory<byte> handedOut;
        private bool begun;

        public void Start(IBufferWriter<byte> destination)
        {
            to = destination;
            begun = false;
        }

        public void Stop()
        {
            to = null;
            handedOut = default;
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => handedOut = to!.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Advance(int count)
        {
            if (!begun && count > 0)
            {
                begun = true;
                Span<byte> written = handedOut.Span;
                if (count == 2 && written[1] == (byte)'}')
                {
                    // A record without fields: only the closing brace remains.
                    written[0] = (byte)'}';
                    count = 1;
                }
                else
                {
                    written[0] = (byte)',';
                }
            }

            to!.Advance(count);
        }
    }
}
