using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Claudemesh.Protocol.Signing;

/// <summary>
/// Writes <c>T(label, f1 … fn) = LP(label) ‖ LP(f1) ‖ … ‖ LP(fn)</c> with <c>LP(x) = u32 big-endian length ‖ x</c> (keys.md 2), and the
/// plain texts of 1.x. Starts in the caller's buffer and rents a larger one when it must; wiped by <see cref="Dispose"/>, because a
/// message's text passes through.
/// </summary>
/// <remarks>
/// Texts are taken as they are and everybody keeps their bytes; why they are not brought into NFC: docs/adr/0006.
/// A value that has no encoding (an id of another form, a number outside 0 … 2^53−1, half a surrogate pair) does not throw, it makes
/// <see cref="IsWellFormed"/> false: a signer throws then, a verifier says no.
/// </remarks>
public ref struct SignedBytes(Span<byte> initial)
{
    /// <summary>2^53−1, the largest integer that every JSON reader keeps exact.</summary>
    public const long NumberMax = (1L << 53) - 1;

    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Span<byte> buffer = initial;
    private byte[]? rented;
    private int length;

    public bool IsWellFormed { get; private set; } = true;

    public readonly ReadOnlySpan<byte> Written => buffer[..length];

    /// <summary>The bytes of a text as an array of their own.</summary>
    /// <exception cref="ArgumentException">A value of the text has no encoding.</exception>
    public static byte[] Of<T>(in T text)
        where T : ISignable
    {
        SignedBytes bytes = new(stackalloc byte[512]);
        try
        {
            text.WriteTo(ref bytes);
            bytes.ThrowIfMalformed();
            return bytes.Written.ToArray();
        }
        finally
        {
            bytes.Dispose();
        }
    }

    /// <exception cref="ArgumentException">A value of the text has no encoding.</exception>
    public readonly void ThrowIfMalformed()
    {
        if (!IsWellFormed)
            throw new ArgumentException("A value of this text has no encoding: an id, a number or a text is out of form.");
    }

    public void Label(string label) => Text(label);

    public void Field(scoped ReadOnlySpan<byte> value)
    {
        Span<byte> into = Take(sizeof(uint) + value.Length);
        BinaryPrimitives.WriteUInt32BigEndian(into, (uint)value.Length);
        value.CopyTo(into[sizeof(uint)..]);
    }

    /// <summary>Bytes that can have one length only.</summary>
    public void Field(scoped ReadOnlySpan<byte> value, int size)
    {
        IsWellFormed &= value.Length == size;
        Field(value);
    }

    public void Key(PublicKey key) => Field(key.Span);

    public void OptionalKey(PublicKey? key)
    {
        if (key is { } given)
            Key(given);
        else
            Absent();
    }

    public void Hash(Digest digest) => Field(digest.Span);

    /// <summary>An absent field is the empty string.</summary>
    public void Absent() => Field([]);

    public void Text(string? text)
    {
        text ??= string.Empty;
        int at = length;
        Take(sizeof(uint));
        Append(text);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[at..], (uint)(length - at - sizeof(uint)));
    }

    /// <summary>A word out of a fixed set; <paramref name="known"/> says whether it is one of them.</summary>
    public void OneOf(string word, bool known)
    {
        IsWellFormed &= known;
        Text(word);
    }

    public void Id(string id)
    {
        IsWellFormed &= WireId.IsValid(id);
        Text(id);
    }

    public void Number(long number)
    {
        IsWellFormed &= number is >= 0 and <= NumberMax;
        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out int count, provider: CultureInfo.InvariantCulture);
        Field(digits[..count]);
    }

    /// <summary>Text without a length before it: only the signed texts of 1.x are made like this.</summary>
    public void Append(string text)
    {
        if (HasLoneSurrogate(text))
        {
            IsWellFormed = false;
            return;
        }

        int count = StrictUtf8.GetByteCount(text);
        StrictUtf8.GetBytes(text, Take(count));
    }

    /// <summary>Digits without a length before them, for the signed texts of 1.x.</summary>
    public void Append(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out int count, provider: CultureInfo.InvariantCulture);
        digits[..count].CopyTo(Take(count));
    }

    /// <summary>Bytes without a length before them.</summary>
    public void Append(scoped ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>A key as lower-case hex without a length before it, for the signed texts of 1.x.</summary>
    public void Append(PublicKey key) => Convert.TryToHexStringLower(key.Span, Take(PublicKey.HexLength), out _);

    public void Dispose()
    {
        buffer[..length].Clear();
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        this = default;
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }

        return false;
    }

    private Span<byte> Take(int count)
    {
        if (buffer.Length - length < count)
            Grow(count);

        Span<byte> taken = buffer.Slice(length, count);
        length += count;
        return taken;
    }

    private void Grow(int count)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, checked(length + count)));
        buffer[..length].CopyTo(larger);
        buffer[..length].Clear();
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        buffer = rented = larger;
    }
}
