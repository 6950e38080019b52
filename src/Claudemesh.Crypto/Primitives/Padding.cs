// ISO 7816-4 padding: 0x80, then zeros up to the next multiple of 64. Always at least one byte.

using Claudemesh.Crypto.Sodium;

namespace Claudemesh.Crypto;

public static class Padding
{
    public const int BlockSize = 64;

    public static int PaddedLength(int length) => checked(length / BlockSize * BlockSize + BlockSize);

    /// <summary>Pads in place: the first <paramref name="length"/> bytes are the text, the buffer is <see cref="PaddedLength"/> long.</summary>
    public static void Pad(Span<byte> buffer, int length)
    {
        Claudemesh.Crypto.Length.Require(buffer, PaddedLength(length));
        if (Native.sodium_pad(out _, buffer, (nuint)length, BlockSize, (nuint)buffer.Length) != 0)
            throw new InvalidOperationException("The buffer could not be padded.");
    }

    /// <summary>False when the end is not a padding that <see cref="Pad"/> makes.</summary>
    public static bool TryUnpad(ReadOnlySpan<byte> buffer, out int length)
    {
        length = 0;
        if (buffer.IsEmpty || buffer.Length % BlockSize != 0
            || Native.sodium_unpad(out nuint found, buffer, (nuint)buffer.Length, BlockSize) != 0)
            return false;

        length = (int)found;
        return true;
    }
}
