namespace Claudemesh.Client.Tests;

public sealed class CorkedStreamTests
{
    [Fact]
    public async Task What_is_written_while_it_is_corked_leaves_in_one_write_and_in_order()
    {
        RecordingStream inner = new();
        await using CorkedStream stream = new(inner);
        await stream.WriteAsync(new byte[] { 1 }, Patience.Token);
        stream.Cork();
        await stream.WriteAsync(new byte[] { 2 }, Patience.Token);
        await stream.WriteAsync(new byte[] { 3, 4 }, Patience.Token);
        Assert.Equal([[1]], inner.Writes);
        await stream.UncorkAsync(Patience.Token);
        await stream.WriteAsync(new byte[] { 5 }, Patience.Token);
        await stream.UncorkAsync(Patience.Token);
        Assert.Equal([[1], [2, 3, 4], [5]], inner.Writes);
    }

    [Theory]
    [InlineData(CorkedStream.HeldBytesMax)]
    [InlineData(CorkedStream.HeldBytesMax - 1)]
    [InlineData(CorkedStream.HeldBytesMax + 1)]
    [InlineData(200_000)]
    public async Task More_than_it_holds_leaves_early_and_still_in_order(int size)
    {
        RecordingStream inner = new();
        await using CorkedStream stream = new(inner);
        stream.Cork();
        await stream.WriteAsync(new byte[] { 1, 2 }, Patience.Token);
        await stream.WriteAsync(Enumerable.Repeat((byte)7, size).ToArray(), Patience.Token);
        await stream.WriteAsync(new byte[] { 3 }, Patience.Token);
        await stream.UncorkAsync(Patience.Token);
        Assert.Equal([1, 2, .. Enumerable.Repeat((byte)7, size), 3], inner.Writes.SelectMany(write => write));
    }

    private sealed class RecordingStream : MemoryStream
    {
        internal List<byte[]> Writes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return ValueTask.CompletedTask;
        }
    }
}
