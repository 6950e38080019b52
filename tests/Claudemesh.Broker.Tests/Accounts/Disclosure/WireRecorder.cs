using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Accounts.Disclosure;

/// <summary>Keeps every byte that arrives at the broker's sockets, under HTTP and WebSockets alike; what a WebSocket masks is unmasked.</summary>
internal sealed class WireRecorder
{
    private readonly ConcurrentQueue<MemoryStream> connections = new();

    public void Listen(IServiceCollection services) => services.Configure<KestrelServerOptions>(
        kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => RecordAsync(connection, next))));

    public IEnumerable<Trace> Traces()
    {
        foreach (MemoryStream connection in connections)
        {
            byte[] bytes;
            lock (connection)
                bytes = connection.ToArray();

            yield return new Trace("what was sent", bytes, IsText: true);
            if (FindFrames(bytes) is { } frames)
                yield return new Trace("what was sent in frames", Unmask(bytes.AsSpan(frames)), IsText: true);
        }
    }

    private Task RecordAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        MemoryStream kept = new();
        connections.Enqueue(kept);
        connection.Transport = new Duplex(new Recorded(connection.Transport.Input, kept), connection.Transport.Output);
        return next(connection);
    }

    /// <summary>Where the frames of a WebSocket begin; null where the connection is none.</summary>
    private static int? FindFrames(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        return end >= 0 && Encoding.Latin1.GetString(bytes[..end]).Contains("upgrade: websocket", StringComparison.OrdinalIgnoreCase) ? end + 4 : null;
    }

    private static byte[] Unmask(ReadOnlySpan<byte> frames)
    {
        const int MaskSize = 4;
        MemoryStream plain = new();
        while (frames.Length >= 2)
        {
            int length = frames[1] & 0x7f;
            int head = 2;
            if (length is 126 && frames.Length >= 4)
                (length, head) = (BinaryPrimitives.ReadUInt16BigEndian(frames[2..]), 4);
            else if (length is 127 && frames.Length >= 10)
                (length, head) = ((int)BinaryPrimitives.ReadUInt64BigEndian(frames[2..]), 10);
            if (frames.Length < head + MaskSize + length)
                break;

            ReadOnlySpan<byte> mask = frames.Slice(head, MaskSize);
            for (int i = 0; i < length; i++)
                plain.WriteByte((byte)(frames[head + MaskSize + i] ^ mask[i % MaskSize]));
            frames = frames[(head + MaskSize + length)..];
        }

        return plain.ToArray();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Recorded(PipeReader inner, MemoryStream kept) : PipeReader
    {
        private ReadOnlySequence<byte> last;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ReadResult result = await inner.ReadAsync(cancellationToken);
            last = result.Buffer;
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            bool isRead = inner.TryRead(out result);
            if (isRead)
                last = result.Buffer;
            return isRead;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            lock (kept)
            {
                foreach (ReadOnlyMemory<byte> part in last.Slice(last.Start, consumed))
                    kept.Write(part.Span);
            }

            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
