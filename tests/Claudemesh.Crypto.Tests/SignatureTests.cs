using System.Text;
using System.Text.Json;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests;

public sealed class SignatureTests
{
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    public void The_official_ed25519_vectors_hold(string seed, string publicKey, string message, string signature)
    {
        using SigningKey key = SigningKey.FromSeed(Convert.FromHexString(seed));
        byte[] bytes = Convert.FromHexString(message);
        Assert.Equal(publicKey, key.Public.ToString());
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(bytes)));
        Assert.True(Ed25519.Verify(key.Public, bytes, key.Sign(bytes)));
    }

    [Theory]
    [InlineData("split_signature")]
    [InlineData("noncanonical_s")]
    [InlineData("neutral_r")]
    public void A_signature_that_only_some_libraries_accept_is_refused(string name)
    {
        using SigningKey b = Vectors.B();
        byte[] message = Vectors.Bytes($"refused.{name}.message");
        Assert.False(Ed25519.Verify(b.Public, message, Vectors.Bytes($"refused.{name}.signature")));
        Assert.True(Ed25519.Verify(b.Public, message, b.Sign(message)));
    }

    [Theory]
    [InlineData("small_order_keys")]
    [InlineData("noncanonical_keys")]
    [InlineData("mixed_order_keys")]
    public void A_key_outside_the_main_subgroup_signs_and_agrees_on_nothing(string name)
    {
        using SigningKey own = Vectors.A();
        foreach (JsonElement hex in Vectors.Element("refused." + name).EnumerateArray())
        {
            PublicKey key = PublicKey.Parse(hex.GetString());
            Assert.False(Ed25519.IsAcceptable(key));
            Assert.False(Ed25519.IsAcceptable(key));
            Assert.False(X25519.TryFromEd25519(key, new byte[X25519.Size]));
            Assert.False(X25519.TryBoxKey(own, key, new byte[X25519.Size]));
            Assert.False(SealedBox.TrySeal(key, [1, 2, 3], out _));

            // With a key of order one, R = S = 0 would satisfy the equation for any text.
            byte[] forged = new byte[Ed25519.SignatureSize];
            forged[0] = 1;
            Assert.False(Ed25519.Verify(key, "anything"u8, forged));
        }
    }

    public static TheoryData<string> SignedTexts =>
    [
        "legacy hello", "legacy attestation", "legacy session hello", "legacy invite 1", "legacy invite 2",
        "hello", "session by member", "session by session", "join possession", "workspace create", "receipt read", "receipt refused",
    ];

    [Theory]
    [MemberData(nameof(SignedTexts))]
    public void Every_signed_text_has_the_signature_of_its_vector_and_no_bit_of_it_may_change(string name)
    {
        using SigningKey a = Vectors.A();
        using SigningKey b = Vectors.B();
        using SigningKey s = Vectors.S();
        using SigningKey o = Vectors.O();
        using MemberSecretKey member = Vectors.Member();
        using SessionSecretKey session = member.DeriveSession(Vectors.Mesh, "sess1");
        SessionText sessionText = new(Vectors.Mesh, member.Public, session.Public, "sess1", 1700043200000);
        ReceiptText read = new(Vectors.Mesh, member.Public, "cmid2", b.Public, RecipientSession: null, "read", Reason: null, Vectors.At);
        (SigningKey signer, byte[] text, string vector) = name switch
        {
            "legacy hello" => (a, SignedBytes.Of(new LegacyHello("mesh1", "member1", a.Public, Vectors.At)), "legacy.hello.signature"),
            "legacy attestation" => (a, SignedBytes.Of(new LegacySessionAttestation(a.Public, s.Public, 1700043200000)), "legacy.attestation.signature"),
            "legacy session hello" => (s, SignedBytes.Of(new LegacySessionHello("mesh1", a.Public, s.Public, Vectors.At)), "legacy.session_hello.signature"),
            "legacy invite 1" => (o, SignedBytes.Of(Invite(o.Public)), "legacy.invite_v1.signature"),
            "legacy invite 2" => (o, SignedBytes.Of(new LegacyInviteV2("mesh1", "inv1", 1700604800, "member", o.Public)), "legacy.invite_v2.signature"),
            "hello" => (member.Key, SignedBytes.Of(new HelloText("mesh1", member.Public, Vectors.Bytes("signed.hello.challenge"), Vectors.At)), "signed.hello.signature"),
            "session by member" => (member.Key, SignedBytes.Of(sessionText), "signed.session.attestation"),
            "session by session" => (session.Key, SignedBytes.Of(sessionText), "signed.session.proof"),
            "join possession" => (b, SignedBytes.Of(new JoinPossessionText("mesh1", Sha256.Hash("token"), b.Public, Vectors.At)), "signed.join_possession.signature"),
            "workspace create" => (member.Key, SignedBytes.Of(new WorkspaceCreateText("mesh1", "acme", "Acme", member.Public, Vectors.At)), "signed.workspace_create.signature"),
            "receipt read" => (b, SignedBytes.Of(read), "signed.receipt_read.signature"),
            _ => (b, SignedBytes.Of(read with { RecipientSession = s.Public, State = "refused", Reason = "muted" }), "signed.receipt_refused.signature"),
        };

        byte[] signature = signer.Sign(text);
        Assert.Equal(Vectors.Text(vector), Convert.ToHexStringLower(signature));
        Assert.True(Ed25519.Verify(signer.Public, text, signature));
        Assert.All(Vectors.Flipped(signature), bad => Assert.False(Ed25519.Verify(signer.Public, text, bad)));
        Assert.All(Vectors.Flipped(text), bad => Assert.False(Ed25519.Verify(signer.Public, bad, signature)));
        Assert.All(Vectors.Flipped(signer.Public.Span.ToArray()), bad => Assert.False(Ed25519.Verify(new PublicKey(bad), text, signature)));
    }

    [Fact]
    public void A_signature_of_another_length_is_refused()
    {
        using SigningKey a = Vectors.A();
        byte[] signature = a.Sign("text"u8);
        Assert.False(Ed25519.Verify(a.Public, "text"u8, signature.AsSpan(0, 63)));
        Assert.False(Ed25519.Verify(a.Public, "text"u8, [.. signature, 0]));
        Assert.False(Ed25519.Verify(a.Public, "text"u8, []));
    }

    [Fact]
    public void A_text_without_an_encoding_is_never_signed_and_never_verifies()
    {
        using SigningKey a = Vectors.A();
        HelloText wrongId = new("mesh/1", a.Public, new byte[32], Vectors.At);
        HelloText wrongChallenge = new("mesh1", a.Public, new byte[31], Vectors.At);
        HelloText wrongTime = new("mesh1", a.Public, new byte[32], -1);
        foreach (HelloText text in new[] { wrongId, wrongChallenge, wrongTime })
        {
            Assert.Throws<ArgumentException>(() => a.Sign(text));
            SignedBytes bytes = new(new byte[512]);
            text.WriteTo(ref bytes);
            Assert.False(Ed25519.Verify(a.Public, text, a.Sign(bytes.Written)));
        }
    }

    [Fact]
    public void A_session_is_vouched_for_by_its_member_and_by_itself()
    {
        using MemberSecretKey member = Vectors.Member();
        using SessionSecretKey session = member.DeriveSession(Vectors.Mesh, "sess1");
        SessionText text = new(Vectors.Mesh, member.Public, session.Public, "sess1", 1700043200000);
        SessionAttestation attestation = member.Attest(session, Vectors.Mesh, "sess1", 1700043200000);

        Assert.True(attestation.Verifies(text));
        Assert.False(attestation.Verifies(text with { SessionId = "sess2" }));
        Assert.False(attestation.Verifies(text with { MeshId = "mesh2" }));
        Assert.False((attestation with { Proof = attestation.Attestation }).Verifies(text));
        Assert.Equal(
            Vectors.Text("legacy.attestation.signature"),
            Convert.ToHexStringLower(new MemberSecretKey(Vectors.A()).AttestLegacy(Vectors.Key("legacy.s_pub"), 1700043200000)));
    }

    private static LegacyInvite Invite(PublicKey owner) =>
        new("mesh1", "acme", "wss://b.example/ws", 1700604800, Vectors.Text("legacy.invite_v1.mesh_root_key"), "member", owner);
}
