// Safety numbers. Ours: 60 digits, 30 for each member, SHA-256 iterated 5,200 times (keys.md 9). 1.x: 30 digits over both keys
// (wire reference 5.4). Six groups: 120 bits, most significant first, each 20 bits modulo 100,000, five digits.

using System.Globalization;
using System.Text;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>What two people read to each other to know that nobody stands between them.</summary>
public static class SafetyNumber
{
    private const int Iterations = 5200;
    private const int Groups = 6;
    private const string Label = "claudemesh/safety/2";

    /// <summary>60 digits in two lines' worth of groups; the same from both sides. Takes some milliseconds, by design.</summary>
    public static string Of(string meshId, PublicKey one, PublicKey other)
    {
        string first = Block(meshId, one);
        string second = Block(meshId, other);
        return string.CompareOrdinal(first, second) <= 0 ? $"{first} / {second}" : $"{second} / {first}";
    }

    /// <summary>The 30 digits that 1.x shows: for 1.x peers only, a chosen pair of keys can be made to collide.</summary>
    public static string OfLegacy(PublicKey one, PublicKey other)
    {
        Span<byte> keys = stackalloc byte[2 * PublicKey.Size];
        (one < other ? one : other).Span.CopyTo(keys);
        (one < other ? other : one).Span.CopyTo(keys[PublicKey.Size..]);
        return Digits(Sha256.Hash(keys).Span);
    }

    private static string Block(string meshId, PublicKey key)
    {
        Span<byte> state = stackalloc byte[Sha256.Size + PublicKey.Size];
        Span<byte> hash = stackalloc byte[Sha256.Size];
        byte[] start = SignedBytes.Of(new StartText(meshId, key));

        // The first round hashes x0 ‖ pub, each later one the hash before ‖ pub.
        Sha256.Hash([.. start, .. key.Span], hash);
        key.Span.CopyTo(state[Sha256.Size..]);
        for (int i = 1; i < Iterations; i++)
        {
            hash.CopyTo(state);
            Sha256.Hash(state, hash);
        }

        return Digits(hash);
    }

    private static string Digits(ReadOnlySpan<byte> hash)
    {
        StringBuilder digits = new();
        for (int group = 0; group < Groups; group++)
        {
            // 20 bits: two groups in five bytes.
            int at = group * 20;
            int value = (hash[at / 8] << 16) | (hash[at / 8 + 1] << 8) | hash[at / 8 + 2];
            value = (value >> (at % 8 == 0 ? 4 : 0)) & 0xfffff;
            if (group > 0)
                digits.Append(' ');
            digits.Append((value % 100_000).ToString("D5", CultureInfo.InvariantCulture));
        }

        return digits.ToString();
    }

    private readonly record struct StartText(string MeshId, PublicKey Key) : ISignable
    {
        public void WriteTo(ref SignedBytes bytes)
        {
            bytes.Label(Label);
            bytes.Id(MeshId);
            bytes.Key(Key);
        }
    }
}
