using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The broker's name for an accepted message: 32 letters and digits. Held inline, because the hot path has several of each message.</summary>
[JsonConverter(typeof(WireTextConverter<MessageId>))]
public readonly struct MessageId : IWireText<MessageId>, IEquatable<MessageId>
{
    public const int Length = 32;

    private static readonly SearchValues<byte> Allowed =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly Bytes32 bytes;

    private MessageId(ReadOnlySpan<byte> text) => text.CopyTo(MemoryMarshal.AsBytes(new Span<Bytes32>(ref bytes)));

    public static string Rule => "32 letters or digits";

    /// <summary>The 32 ASCII letters and digits.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Utf8 => MemoryMarshal.AsBytes(new ReadOnlySpan<Bytes32>(in bytes));

    public string Value => bytes[0] == 0 ? "" : Encoding.ASCII.GetString(Utf8);

    public static bool TryParse(ReadOnlySpan<byte> utf8, out MessageId value)
    {
        bool valid = utf8.Length == Length && !utf8.ContainsAnyExcept(Allowed);
        value = valid ? new MessageId(utf8) : default;
        return valid;
    }

    public static bool TryParse(string? text, out MessageId value)
    {
        Span<byte> utf8 = stackalloc byte[Length];
        if (text?.Length == Length && Ascii.FromUtf16(text, utf8, out _) == OperationStatus.Done)
            return TryParse(utf8, out value);

        value = default;
        return false;
    }

    public static MessageId Parse(string text) =>
        TryParse(text, out MessageId value) ? value : throw new FormatException($"A MessageId is {Rule}.");

    public bool Equals(MessageId other) => Utf8.SequenceEqual(other.Utf8);

    public override bool Equals(object? obj) => obj is MessageId other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    public override string ToString() => Value;

    public static bool operator ==(MessageId left, MessageId right) => left.Equals(right);

    public static bool operator !=(MessageId left, MessageId right) => !left.Equals(right);

    [InlineArray(Length)]
    private struct Bytes32
    {
        private byte first;
    }
}
