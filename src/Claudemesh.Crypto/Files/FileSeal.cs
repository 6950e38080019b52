// keys.md 6: chunk i of 65,536 bytes = AEAD(K, 15 zero bytes ‖ last (0/1) ‖ u64 big-endian i, chunk, aad = T("claudemesh/file/1", mesh_id, file_id)).
// A chunk carries its place and whether it is the last in its nonce, so none can be moved, dropped or cut off. K is used for one file only.

using System.Buffers.Binary;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>Seals and opens the chunks of one file. A file has at least one chunk; only the last may be shorter, and only an empty file's is empty.</summary>
/// <param name="key">32 random bytes, made for this file; stays the caller's.</param>
public sealed class FileSeal(SecretBytes key, string meshId, string fileId)
{
    public const int ChunkSize = 65_536;
    public const int Overhead = XChaCha20Poly1305.Overhead;

    private readonly byte[] associated = SignedBytes.Of(new FileText(meshId, fileId));

    public static long CountChunks(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? 1 : (size - 1) / ChunkSize + 1;
    }

    public byte[] Seal(long index, bool last, ReadOnlySpan<byte> chunk)
    {
        if (!IsChunk(index, last, chunk.Length))
            throw new ArgumentException("Every chunk but the last is full.", nameof(chunk));

        Span<byte> nonce = stackalloc byte[XChaCha20Poly1305.NonceSize];
        WriteNonce(nonce, index, last);
        byte[] sealedChunk = new byte[chunk.Length + Overhead];
        XChaCha20Poly1305.Seal(key.Expose(), nonce, chunk, associated, sealedChunk);
        return sealedChunk;
    }

    /// <summary>False for a chunk of another file or place, one that is or is not the last as asked, and any changed bit.</summary>
    public bool TryOpen(long index, bool last, ReadOnlySpan<byte> sealedChunk, out byte[]? chunk)
    {
        chunk = null;
        if (!IsChunk(index, last, sealedChunk.Length - Overhead))
            return false;

        Span<byte> nonce = stackalloc byte[XChaCha20Poly1305.NonceSize];
        WriteNonce(nonce, index, last);
        byte[] opened = new byte[sealedChunk.Length - Overhead];
        if (XChaCha20Poly1305.TryOpen(key.Expose(), nonce, sealedChunk, associated, opened))
            chunk = opened;
        return chunk is not null;
    }

    private static bool IsChunk(long index, bool last, int length) =>
        index >= 0 && (length == ChunkSize || (last && length is >= 0 and < ChunkSize && (length > 0 || index == 0)));

    private static void WriteNonce(Span<byte> nonce, long index, bool last)
    {
        nonce.Clear();
        nonce[15] = last ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(nonce[16..], index);
    }

    private readonly record struct FileText(string MeshId, string FileId) : ISignable
    {
        public void WriteTo(ref SignedBytes bytes)
        {
            bytes.Label("claudemesh/file/1");
            bytes.Id(MeshId);
            bytes.Id(FileId);
        }
    }
}
