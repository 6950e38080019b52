using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>An Ed25519 public key, 32 bytes; on the wire 64 lower-case hexadecimal digits.</summary>
[JsonConverter(typeof(PublicKeyConverter))]
public readonly struct PublicKey : IEquatable<PublicKey>, IComparable<PublicKey>
{
    public const int Size = 32;
    public const int HexLength = 64;

    private readonly Bytes32 bytes;

    public PublicKey(ReadOnlySpan<byte> value)
    {
        if (value.Length != Size)
            throw new ArgumentException("A public key has 32 bytes.", nameof(value));

        value.CopyTo(MemoryMarshal.AsBytes(new Span<Bytes32>(ref bytes)));
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => MemoryMarshal.AsBytes(new ReadOnlySpan<Bytes32>(in bytes));

    /// <summary>Reads exactly 64 hexadecimal digits in lower case, as 1.x compares them (wire reference 2.1).</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out PublicKey key)
    {
        key = default;
        if (hex.Length != HexLength || hex.ContainsAnyInRange('A', 'F'))
            return false;

        Span<byte> value = stackalloc byte[Size];
        if (Convert.FromHexString(hex, value, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;

        key = new PublicKey(value);
        return true;
    }

    public static PublicKey Parse(ReadOnlySpan<char> hex) =>
        TryParse(hex, out PublicKey key) ? key : throw new FormatException("A public key is 64 lower-case hexadecimal digits.");

    public bool Equals(PublicKey other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is PublicKey other && Equals(other);

    public override int GetHashCode() => MemoryMarshal.Read<int>(Span);

    public int CompareTo(PublicKey other) => Span.SequenceCompareTo(other.Span);

    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(PublicKey left, PublicKey right) => left.Equals(right);

    public static bool operator !=(PublicKey left, PublicKey right) => !left.Equals(right);

    public static bool operator <(PublicKey left, PublicKey right) => left.CompareTo(right) < 0;

    public static bool operator <=(PublicKey left, PublicKey right) => left.CompareTo(right) <= 0;

    public static bool operator >(PublicKey left, PublicKey right) => left.CompareTo(right) > 0;

    public static bool operator >=(PublicKey left, PublicKey right) => left.CompareTo(right) >= 0;

    [InlineArray(Size)]
    private struct Bytes32
    {
        private byte first;
    }
}
