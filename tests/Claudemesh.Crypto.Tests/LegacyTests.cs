using System.Text;
using System.Text.Json;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests;

public sealed class LegacyTests
{
    [Fact]
    public void Keys_and_their_converted_forms_are_those_of_1x()
    {
        using SigningKey a = Vectors.A();
        using SigningKey b = Vectors.B();
        using SigningKey s = Vectors.S();
        using SigningKey o = Vectors.O();
        Assert.Equal(Vectors.Key("legacy.a_pub"), a.Public);
        Assert.Equal(Vectors.Key("legacy.b_pub"), b.Public);
        Assert.Equal(Vectors.Key("legacy.s_pub"), s.Public);
        Assert.Equal(Vectors.Key("legacy.o_pub"), o.Public);
        AssertConverted(a, "a");
        AssertConverted(b, "b");

        Assert.True(SigningKey.TryFromSecret([.. a.ExposeSeed(), .. a.Public.Span], out SigningKey? read));
        Assert.Equal(a.Public, read!.Public);
        Assert.False(SigningKey.TryFromSecret([.. a.ExposeSeed(), .. b.Public.Span], out _));
    }

    [Fact]
    public void A_direct_message_of_1x_opens_and_no_bit_of_it_may_change()
    {
        using SigningKey a = Vectors.A();
        using SigningKey b = Vectors.B();
        using PairKeys ofB = new(b, Vectors.Mesh);
        byte[] nonce = Vectors.Base64("legacy.direct.nonce");
        byte[] ciphertext = Vectors.Base64("legacy.direct.ciphertext");

        Assert.True(LegacyDirect.TryOpen(ofB, a.Public, nonce, ciphertext, out string? text));
        Assert.Equal("hello mesh", text);
        Assert.All(Vectors.Flipped(ciphertext), bad => Assert.False(LegacyDirect.TryOpen(ofB, a.Public, nonce, bad, out _)));
        Assert.All(Vectors.Flipped(nonce), bad => Assert.False(LegacyDirect.TryOpen(ofB, a.Public, bad, ciphertext, out _)));
        Assert.False(LegacyDirect.TryOpen(ofB, a.Public, [], ciphertext, out _));
        Assert.False(LegacyDirect.TryOpen(ofB, a.Public, nonce, [], out _));
    }

    [Fact]
    public void A_direct_message_to_1x_opens_there()
    {
        using SigningKey a = Vectors.A();
        using SigningKey b = Vectors.B();
        using PairKeys ofA = new(a, Vectors.Mesh);
        using PairKeys ofB = new(b, Vectors.Mesh);
        Assert.True(LegacyDirect.TrySeal(ofA, b.Public, "grüße", out byte[]? nonce, out byte[]? ciphertext));
        Assert.True(LegacyDirect.TryOpen(ofB, a.Public, nonce, ciphertext, out string? text));
        Assert.Equal("grüße", text);

        byte[] key = new byte[32];
        Assert.True(ofA.TryCopyBoxKey(b.Public, key));
        Assert.Equal(
            Vectors.Text("legacy.direct.ciphertext"),
            Convert.ToBase64String(SecretBox.Seal(key, Vectors.Nonce, "hello mesh"u8)));
        Assert.False(LegacyDirect.TryOpen(ofB, a.Public, Vectors.Nonce, SecretBox.Seal(key, Vectors.Nonce, [0xff]), out _));
    }

    [Fact]
    public void Topic_keys_and_bodies_of_1x_open()
    {
        using SigningKey a = Vectors.A();
        using SigningKey b = Vectors.B();
        byte[] blob = Vectors.Base64("legacy.topic_key.sealed_by_a_for_b");
        Assert.True(LegacyTopicKey.TrySeal(a, b.Public, Vectors.Bytes("legacy.topic_key.key"), Vectors.Nonce, out byte[]? made));
        Assert.Equal(blob, made);
        Assert.True(LegacyTopicKey.TryOpen(b, blob, Vectors.Nonce, out SecretBytes? key));
        Assert.Equal(Vectors.Bytes("legacy.topic_key.key"), key!.Expose());

        byte[] body = Vectors.Base64("legacy.topic_body.ciphertext");
        Assert.True(SecretBox.TryOpen(key.Expose(), Vectors.Nonce, body, out byte[]? text));
        Assert.Equal("hello topic", Encoding.UTF8.GetString(text!));

        // X25519 ignores the top bit of the sender's key, so that one flip of the blob changes nothing.
        Assert.All(
            Vectors.Flipped(blob).Where((_, bit) => bit != 255),
            bad => Assert.False(LegacyTopicKey.TryOpen(b, bad, Vectors.Nonce, out _)));
    }

    [Fact]
    public void A_sealed_box_of_1x_opens_for_its_recipient_only()
    {
        using SigningKey a = Vectors.A();
        using SigningKey b = Vectors.B();
        byte[] box = Vectors.Base64("legacy.sealed_box_to_a.box");
        Assert.True(SealedBox.TryOpen(a, box, out SecretBytes? text));
        Assert.Equal(Vectors.Bytes("legacy.sealed_box_to_a.text"), text!.Expose());
        Assert.False(SealedBox.TryOpen(b, box, out _));
        Assert.All(Vectors.Flipped(box), bad => Assert.False(SealedBox.TryOpen(a, bad, out _)));
        Assert.False(SealedBox.TryOpen(a, box.AsSpan(0, 47), out _));
    }

    [Fact]
    public void Fingerprints_are_those_of_1x_and_ours_hide_them()
    {
        foreach (JsonElement vector in Vectors.Element("legacy.fingerprints").EnumerateArray())
        {
            string? meta = vector.GetProperty("meta").GetString();
            if (meta is not null)
            {
                using JsonDocument parsed = JsonDocument.Parse(meta);
                meta = CanonicalJson.Write(parsed.RootElement);
            }

            Digest fingerprint = RequestFingerprint.Compute(
                vector.GetProperty("to").GetString()!,
                replyTo: null,
                vector.GetProperty("priority").GetString()!,
                meta,
                Encoding.UTF8.GetBytes(vector.GetProperty("body").GetString()!));
            Assert.Equal(vector.GetProperty("fingerprint").GetString(), fingerprint.ToString());
        }

        using MemberSecretKey member = Vectors.Member();
        using SecretBytes key = member.DeriveFingerprintKey(Vectors.Mesh);
        string to = Vectors.Text("legacy.b_pub");
        Assert.Equal(Vectors.Text("fingerprint.keyed"), RequestFingerprint.ComputeKeyed(key, to, null, "next", null, "hello mesh").ToString());
        Assert.NotEqual(Vectors.Text("fingerprint.keyed"), RequestFingerprint.ComputeKeyed(key, to, "x", "next", null, "hello mesh").ToString());
    }

    [Theory]
    [InlineData("""{"b":1,"a":{"d":[],"c":{}}}""", """{"a":{"c":{},"d":[]},"b":1}""")]
    [InlineData("""{"9":1,"10":2,"a":3,"01":4}""", """{"9":1,"10":2,"01":4,"a":3}""")]
    [InlineData("""[1.0, 1e2, 0.1, 1e-7, 123456789012345680000, 1e21, -0, 1.5e300, 0.000001]""", "[1,100,0.1,1e-7,123456789012345680000,1e+21,0,1.5e+300,0.000001]")]
    [InlineData("""["\u00e4\u2028<>&'\u0001\n\"\\\/"]""", "[\"ä\u2028<>&'\\u0001\\n\\\"\\\\/\"]")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""[true,false,null,"x"]""", """[true,false,null,"x"]""")]
    public void Canonical_json_is_what_javascript_prints(string json, string canonical)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(canonical, CanonicalJson.Write(document.RootElement));
    }

    [Fact]
    public void A_long_invite_has_the_bytes_of_1x_and_verifies()
    {
        using SigningKey owner = Vectors.O();
        LegacyInvite invite = new(
            "mesh1", "acme", "wss://b.example/ws", 1700604800, Vectors.Text("legacy.invite_v1.mesh_root_key"), "member", owner.Public);
        LegacyInviteToken issued = LegacyInviteToken.Issue(owner, invite);
        Assert.StartsWith(Vectors.Text("legacy.invite_v1.token_prefix"), issued.Token, StringComparison.Ordinal);
        string json = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(issued.Token));
        Assert.Equal(
            $$"""{"v":1,"mesh_id":"mesh1","mesh_slug":"acme","broker_url":"wss://b.example/ws","expires_at":1700604800,"mesh_root_key":"ERERERERERERERERERERERERERERERERERERERERERE","role":"member","owner_pubkey":"{{owner.Public}}","signature":"{{Vectors.Text("legacy.invite_v1.signature")}}"}""",
            json);

        Assert.True(LegacyInviteToken.TryParse(issued.Token, out LegacyInviteToken? read));
        Assert.Equal(invite, read!.Invite);
    }

    [Fact]
    public void No_bit_of_a_long_invite_may_change()
    {
        using SigningKey owner = Vectors.O();
        string token = LegacyInviteToken.Issue(owner, "mesh1", "acme", "wss://b.example/ws", 1700604800, "member").Token;
        byte[] json = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        foreach (byte[] bad in Vectors.Flipped(json))
        {
            // The hexadecimal digits of the signature mean the same in upper case.
            bool sameSignature = Encoding.UTF8.GetString(bad).Equals(Encoding.UTF8.GetString(json), StringComparison.OrdinalIgnoreCase)
                && json.AsSpan().IndexOf("\"signature\":\""u8) + 13 <= bad.AsSpan().CommonPrefixLength(json);
            Assert.Equal(sameSignature, LegacyInviteToken.TryParse(System.Buffers.Text.Base64Url.EncodeToString(bad), out _));
        }
    }

    [Fact]
    [Trait("wire", "7.3 #18")]
    public void Every_long_invite_has_its_own_filler()
    {
        using SigningKey owner = Vectors.O();
        LegacyInviteToken one = LegacyInviteToken.Issue(owner, "mesh1", "acme", "wss://b.example/ws", 1700604800, "member");
        LegacyInviteToken two = LegacyInviteToken.Issue(owner, "mesh1", "acme", "wss://b.example/ws", 1700604800, "member");
        Assert.NotEqual(one.Invite.RootKey, two.Invite.RootKey);
        Assert.Equal(43, one.Invite.RootKey.Length);
        Assert.Throws<ArgumentException>(() => LegacyInviteToken.Issue(owner, "mesh1", "acme", "wss://b", 1, "owner"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64url!")]
    [InlineData("bm90IGpzb24")]
    [InlineData("e30")]
    [InlineData("W10")]
    [InlineData("bnVsbA")]
    public void What_is_no_long_invite_is_refused(string token) => Assert.False(LegacyInviteToken.TryParse(token, out _));

    [Theory]
    [InlineData("ic://join/TOKENTOKENTOKENTOKENTOKENTOK")]
    [InlineData("https://mesh.example/join/TOKENTOKENTOKENTOKENTOKENTOK")]
    [InlineData("http://127.0.0.1:7900/de/join/TOKENTOKENTOKENTOKENTOKENTOK?x=1")]
    [InlineData(" TOKENTOKENTOKENTOKENTOKENTOK\n")]
    public void A_token_is_found_in_each_form_of_link(string link)
    {
        Assert.True(LegacyInviteToken.TryFindInLink(link, out string? token));
        Assert.Equal("TOKENTOKENTOKENTOKENTOKENTOK", token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ABCDEFGH")]
    [InlineData("https://mesh.example/i/ABCDEFGH")]
    [InlineData("https://mesh.example/join/")]
    [InlineData("some words that are a sentence and no token")]
    public void Nothing_is_found_in_what_is_no_long_link(string link) => Assert.False(LegacyInviteToken.TryFindInLink(link, out _));

    [Fact]
    public void Argon2id_gives_the_key_of_the_vector()
    {
        byte[] key = new byte[32];
        Argon2id.Derive("correct horse battery"u8, Vectors.Bytes("legacy.argon2id.salt"), passes: 2, memoryBytes: 67108864, key);
        Assert.Equal(Vectors.Bytes("legacy.argon2id.key"), key);
    }

    private static void AssertConverted(SigningKey key, string name)
    {
        byte[] publicKey = new byte[32];
        Assert.True(X25519.TryFromEd25519(key.Public, publicKey));
        Assert.Equal(Vectors.Bytes($"legacy.{name}_x25519_pub"), publicKey);
        Assert.Equal(Vectors.Bytes($"legacy.{name}_x25519_secret"), key.X25519Secret);
        byte[] again = new byte[32];
        X25519.PublicOf(key.X25519Secret, again);
        Assert.Equal(publicKey, again);
    }
}
