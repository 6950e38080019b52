using System.Text.Json;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto.Tests;

/// <summary>Reads <c>tests/vectors/keys.json</c> by dotted path, and makes the keys that its inputs name.</summary>
internal static class Vectors
{
    internal const string Mesh = "mesh1";
    internal const string User = "user1";
    internal const long At = 1700000000000;

    private static readonly JsonDocument Document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "keys.json")));

    internal static byte[] Nonce => Bytes("inputs.nonce");

    internal static JsonElement Element(string path) =>
        path.Split('.').Aggregate(Document.RootElement, (element, name) => element.GetProperty(name));

    internal static string Text(string path) => Element(path).GetString()!;

    internal static long Number(string path) => Element(path).GetInt64();

    internal static byte[] Bytes(string path) => Convert.FromHexString(Text(path));

    internal static byte[] Base64(string path) => Convert.FromBase64String(Text(path));

    internal static PublicKey Key(string path) => PublicKey.Parse(Text(path));

    internal static SigningKey A() => SigningKey.FromSeed(Bytes("inputs.seed_a"));

    internal static SigningKey B() => SigningKey.FromSeed(Bytes("inputs.seed_b"));

    internal static SigningKey S() => SigningKey.FromSeed(Bytes("inputs.seed_s"));

    internal static SigningKey O() => SigningKey.FromSeed(Bytes("inputs.seed_o"));

    internal static PublicKey SmallOrderKey => PublicKey.Parse(Element("refused.small_order_keys")[0].GetString());

    internal static AccountSecret Account() => new(Bytes("inputs.account_secret"));

    internal static MemberSecretKey Member()
    {
        using AccountSecret account = Account();
        return account.DeriveMember(User, Mesh);
    }

    internal static RootKey Root() => new(Bytes("inputs.root_key"), Mesh, "mesh", epoch: 1);

    internal static SignedRecord[] Log(string name) => [.. Element("log." + name).EnumerateArray().Select(Record)];

    internal static SignedRecord Record(JsonElement vector) => new(
        Convert.FromHexString(vector.GetProperty("record").GetString()!), Convert.FromHexString(vector.GetProperty("signature").GetString()!));

    /// <summary>Every copy of the bytes that differs from them in exactly one bit.</summary>
    internal static IEnumerable<byte[]> Flipped(byte[] bytes)
    {
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] copy = [.. bytes];
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return copy;
        }
    }
}
