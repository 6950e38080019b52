using System.Text.Json;

namespace Claudemesh.Crypto.Tests.Files;

public sealed class FileSealTests : IDisposable
{
    private readonly SecretBytes key = new(Vectors.Bytes("file.key"));
    private readonly FileSeal file;

    public FileSealTests() => file = new FileSeal(key, Vectors.Mesh, Vectors.Text("file.file_id"));

    public void Dispose() => key.Dispose();

    [Fact]
    public void The_files_of_the_vectors_have_their_chunks_and_come_back()
    {
        foreach (JsonElement vector in Vectors.Element("file.files").EnumerateArray())
        {
            byte[] content = Content(vector.GetProperty("size").GetInt32());
            Assert.Equal(vector.GetProperty("sha256").GetString(), Sha256.Hash(content).ToString());
            byte[][] chunks = SealAll(content);
            Assert.Equal(vector.GetProperty("chunks_sha256").EnumerateArray().Select(hash => hash.GetString()), chunks.Select(chunk => Sha256.Hash(chunk).ToString()));

            List<byte> back = [];
            for (int i = 0; i < chunks.Length; i++)
            {
                Assert.True(file.TryOpen(i, i == chunks.Length - 1, chunks[i], out byte[]? chunk));
                back.AddRange(chunk!);
            }

            Assert.Equal(content, back);
        }
    }

    [Fact]
    public void No_bit_of_a_chunk_may_change()
    {
        byte[] empty = Vectors.Bytes("file.empty_file");
        Assert.Equal(empty, file.Seal(0, last: true, []));
        Assert.All(Vectors.Flipped(empty), bad => Assert.False(file.TryOpen(0, last: true, bad, out _)));
        byte[] some = file.Seal(3, last: true, Content(20));
        Assert.All(Vectors.Flipped(some), bad => Assert.False(file.TryOpen(3, last: true, bad, out _)));
    }

    [Fact]
    public void No_chunk_is_moved_dropped_cut_off_or_taken_from_another_file()
    {
        byte[][] chunks = SealAll(Content(2 * FileSeal.ChunkSize + 5));
        Assert.False(file.TryOpen(0, last: false, chunks[1], out _));
        Assert.False(file.TryOpen(1, last: true, chunks[1], out _));
        Assert.False(file.TryOpen(1, last: true, chunks[2], out _));
        Assert.False(file.TryOpen(2, last: false, chunks[2], out _));
        Assert.False(file.TryOpen(-1, last: true, chunks[2], out _));
        Assert.False(file.TryOpen(2, last: true, chunks[2].AsSpan(0, chunks[2].Length - 1), out _));
        Assert.False(file.TryOpen(2, last: true, [], out _));
        Assert.False(new FileSeal(key, Vectors.Mesh, "file2").TryOpen(2, last: true, chunks[2], out _));
        Assert.False(new FileSeal(key, "mesh2", "file1").TryOpen(2, last: true, chunks[2], out _));
        Assert.True(file.TryOpen(2, last: true, chunks[2], out _));
    }

    [Fact]
    public void Only_the_last_chunk_may_be_short_and_only_an_empty_files_empty()
    {
        Assert.Throws<ArgumentException>(() => file.Seal(0, last: false, new byte[FileSeal.ChunkSize - 1]));
        Assert.Throws<ArgumentException>(() => file.Seal(0, last: true, new byte[FileSeal.ChunkSize + 1]));
        Assert.Throws<ArgumentException>(() => file.Seal(1, last: true, []));
        Assert.Equal([1, 1, 1, 2, 3], new long[] { 0, 1, 65_536, 65_537, 131_073 }.Select(FileSeal.CountChunks));
    }

    private static byte[] Content(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i % 251))];

    private byte[][] SealAll(byte[] content)
    {
        byte[][] parts = content.Length == 0 ? [[]] : [.. content.Chunk(FileSeal.ChunkSize)];
        return [.. parts.Select((part, i) => file.Seal(i, i == parts.Length - 1, part))];
    }
}
