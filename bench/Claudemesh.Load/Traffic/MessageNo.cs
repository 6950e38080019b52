using System.Buffers.Text;

namespace Claudemesh.Load.Traffic;

/// <summary>
/// Which message of which flow of which run: carried in the first half of the nonce, since sixteen hexadecimal digits are good base64
/// and every push has a nonce.
/// </summary>
/// <param name="Run">What a run left behind may still arrive in the next.</param>
internal readonly record struct MessageNo(ushort Run, ushort Flow, uint Sequence)
{
    public const int TextBytes = 16;
    public const int NonceBytes = 32;

    public void Write(Span<byte> nonce) =>
        Utf8Formatter.TryFormat(((ulong)Run << 48) | ((ulong)Flow << 32) | Sequence, nonce[..TextBytes], out _, new System.Buffers.StandardFormat('x', TextBytes));

    public static bool TryRead(ReadOnlySpan<byte> nonce, out MessageNo number)
    {
        number = default;
        if (nonce.Length != NonceBytes || !Utf8Parser.TryParse(nonce[..TextBytes], out ulong value, out _, 'x'))
            return false;

        number = new MessageNo((ushort)(value >> 48), (ushort)(value >> 32), (uint)value);
        return true;
    }
}
