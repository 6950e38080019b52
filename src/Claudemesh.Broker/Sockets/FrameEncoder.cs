using System.Buffers;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>Encodes messages as frames, straight into the pooled memory that is sent.</summary>
internal static class FrameEncoder
{
    [ThreadStatic]
    private static PooledWriter? pooled;

    public static SharedFrame Encode<T>(T message, ReadOnlySpan<byte> requestId = default)
        where T : class, IMessage
    {
        PooledWriter writer = Start();
        FrameWriter.Write(writer, message, requestId);
        return writer.Finish();
    }

    /// <summary>For messages that are written from their parts: write, then <see cref="PooledWriter.Finish"/>.</summary>
    public static PooledWriter Start()
    {
        PooledWriter writer = pooled ??= new PooledWriter();
        writer.Start();
        return writer;
    }

    internal sealed class PooledWriter : IBufferWriter<byte>
    {
        private const int BytesAtFirst = 1024;

        private byte[] buffer = [];
        private int written;

        public void Start()
        {
            // A write that threw has left its memory behind; it is used again.
            if (buffer.Length == 0)
                buffer = ArrayPool<byte>.Shared.Rent(BytesAtFirst);

            written = SharedFrame.HeaderSizeMax;
        }

        public SharedFrame Finish()
        {
            SharedFrame frame = SharedFrame.Take(buffer, written - SharedFrame.HeaderSizeMax);
            buffer = [];
            return frame;
        }

        /// <summary>Without a frame's header: what was written is sent as it is.</summary>
        public SharedFrame FinishBare()
        {
            SharedFrame frame = SharedFrame.TakeBare(buffer, written - SharedFrame.HeaderSizeMax);
            buffer = [];
            return frame;
        }

        public void Advance(int count) => written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return buffer.AsMemory(written);
        }

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return buffer.AsSpan(written);
        }

        private void Reserve(int sizeHint)
        {
            if (buffer.Length - written >= Math.Max(sizeHint, 1))
                return;

            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, written + sizeHint));
            buffer.AsSpan(0, written).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }
}
