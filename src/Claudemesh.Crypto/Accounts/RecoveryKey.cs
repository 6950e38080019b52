// 20 random bytes ‖ the first 20 bits of their SHA-256, as 36 Crockford characters in nine groups of four.

using System.Diagnostics;

namespace Claudemesh.Crypto;

/// <summary>The key that a person prints. With the account's login it opens the account on a new machine.</summary>
[DebuggerDisplay("recovery key")]
public sealed class RecoveryKey : IDisposable
{
    public const int Size = 20;

    private const int CheckBits = 20;
    private const int Bits = Size * 8 + CheckBits;
    private const int GroupLength = 4;

    private readonly SecretBytes secret;

    public RecoveryKey(ReadOnlySpan<byte> value)
    {
        Length.Require(value, Size);
        secret = new SecretBytes(value);
    }

    public static RecoveryKey Generate()
    {
        using SecretBytes random = SecretBytes.Random(Size);
        return new RecoveryKey(random.Expose());
    }

    /// <summary>Reads what a person typed, in either case, with or without hyphens; false when the check does not fit: a typing error.</summary>
    public static bool TryParse(ReadOnlySpan<char> typed, out RecoveryKey? key)
    {
        key = null;
        Span<byte> bytes = stackalloc byte[Sha256.Size];
        Span<byte> withCheck = stackalloc byte[(Bits + 7) / 8];
        if (!Crockford.TryDecode(typed, Bits, withCheck))
            return false;

        WriteCheck(withCheck[..Size], bytes);
        if (!bytes[..3].SequenceEqual(withCheck[Size..]))
            return false;

        key = new RecoveryKey(withCheck[..Size]);
        return true;
    }

    /// <summary>Nine groups of four characters, to be printed. This is the key itself.</summary>
    public string ToPrintedText()
    {
        Span<byte> bytes = stackalloc byte[Size + 3];
        Span<byte> check = stackalloc byte[Sha256.Size];
        secret.Expose().CopyTo(bytes);
        WriteCheck(secret.Expose(), check);
        check[..3].CopyTo(bytes[Size..]);
        string characters = Crockford.Encode(bytes, Bits);
        return string.Join('-', characters.Chunk(GroupLength).Select(group => new string(group)));
    }

    public override string ToString() => "(recovery key)";

    public void Dispose() => secret.Dispose();

    internal SecretBytes DeriveKey(string userId) => KeyLabels.Derive(secret.Expose(), userId, KeyLabels.RecoveryKey);

    /// <summary>20 bits are two and a half bytes; the half that does not count is zero.</summary>
    private static void WriteCheck(ReadOnlySpan<byte> key, Span<byte> check)
    {
        Sha256.Hash(key, check);
        check[2] &= 0xf0;
    }
}
