using System.Buffers.Binary;
using System.Text;

namespace Claudemesh.Protocol.Signing;

/// <summary>
/// Reads the fields of a <c>T(…)</c> one by one and strictly: another label, a cut field, a number in another form, bytes that are no
/// UTF-8, too few fields or anything after the last one → false. After a false nothing more may be read.
/// </summary>
public ref struct SignedFields
{
    private ReadOnlySpan<byte> rest;

    private SignedFields(ReadOnlySpan<byte> rest) => this.rest = rest;

    /// <summary>True when every field was read and nothing follows. A parser that does not ask this accepts trailing bytes.</summary>
    public readonly bool AtEnd => rest.IsEmpty;

    public static bool TryOpen(ReadOnlySpan<byte> bytes, string label, out SignedFields fields)
    {
        fields = new SignedFields(bytes);
        return fields.TryField(out ReadOnlySpan<byte> found) && Ascii.Equals(found, label);
    }

    public bool TryField(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.Length < sizeof(uint))
            return false;

        uint count = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (count > (uint)(rest.Length - sizeof(uint)))
            return false;

        value = rest.Slice(sizeof(uint), (int)count);
        rest = rest[(sizeof(uint) + (int)count)..];
        return true;
    }

    public bool TryField(int size, out ReadOnlySpan<byte> value) => TryField(out value) && value.Length == size;

    public bool TryKey(out PublicKey key)
    {
        bool read = TryField(PublicKey.Size, out ReadOnlySpan<byte> value);
        key = read ? new PublicKey(value) : default;
        return read;
    }

    /// <summary>A key, or null where the field is empty.</summary>
    public bool TryOptionalKey(out PublicKey? key)
    {
        key = null;
        if (!TryField(out ReadOnlySpan<byte> value) || value.Length is not (0 or PublicKey.Size))
            return false;

        if (!value.IsEmpty)
            key = new PublicKey(value);
        return true;
    }

    public bool TryHash(out Digest digest)
    {
        bool read = TryField(Digest.Size, out ReadOnlySpan<byte> value);
        digest = read ? new Digest(value) : default;
        return read;
    }

    public bool TryText(out string text)
    {
        text = string.Empty;
        if (!TryField(out ReadOnlySpan<byte> value) || !System.Text.Unicode.Utf8.IsValid(value))
            return false;

        text = Encoding.UTF8.GetString(value);
        return true;
    }

    public bool TryId(out string id) => TryText(out id) && WireId.IsValid(id);

    public bool TryNumber(out long number)
    {
        number = 0;
        return TryField(out ReadOnlySpan<byte> value) && TryParseNumber(value, out number);
    }

    /// <summary>Decimal ASCII, no sign, no leading zero, at most 2^53−1.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.Length is 0 or > 16 || (digits[0] == '0' && digits.Length > 1))
            return false;

        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            number = number * 10 + (digit - '0');
        }

        return number <= SignedBytes.NumberMax;
    }
}
