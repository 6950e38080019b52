using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol.Signing;

/// <summary>32 public bytes that stand for something longer: a SHA-256, a root id, a workspace's pin. In text 64 lower-case hex digits.</summary>
[JsonConverter(typeof(DigestConverter))]
public readonly struct Digest : IEquatable<Digest>
{
    public const int Size = 32;

    private readonly Bytes32 bytes;

    public Digest(ReadOnlySpan<byte> value)
    {
        if (value.Length != Size)
            throw new ArgumentException("A digest has 32 bytes.", nameof(value));

        value.CopyTo(MemoryMarshal.AsBytes(new Span<Bytes32>(ref bytes)));
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => MemoryMarshal.AsBytes(new ReadOnlySpan<Bytes32>(in bytes));

    public static bool TryParse(ReadOnlySpan<char> hex, out Digest digest)
    {
        bool parsed = PublicKey.TryParse(hex, out PublicKey sameShape);
        digest = parsed ? new Digest(sameShape.Span) : default;
        return parsed;
    }

    public bool Equals(Digest other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => MemoryMarshal.Read<int>(Span);

    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    [InlineArray(Size)]
    private struct Bytes32
    {
        private byte first;
    }
}
