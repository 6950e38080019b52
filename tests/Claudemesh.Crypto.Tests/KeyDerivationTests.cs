using System.Text;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests;

public sealed class KeyDerivationTests
{
    [Fact]
    public void An_account_secret_gives_the_keys_of_the_vectors()
    {
        using AccountSecret account = Vectors.Account();
        using SigningKey accountKey = account.DeriveAccountKey(Vectors.User);
        using SecretBytes vault = account.DeriveVaultKey(Vectors.User);
        using MemberSecretKey member = account.DeriveMember(Vectors.User, Vectors.Mesh);
        using SessionSecretKey session = member.DeriveSession(Vectors.Mesh, "sess1");
        using SecretBytes fingerprint = member.DeriveFingerprintKey(Vectors.Mesh);

        Assert.Equal(Vectors.Key("keys.account_pub"), accountKey.Public);
        Assert.Equal(Vectors.Bytes("keys.vault_key"), vault.Expose());
        Assert.Equal(Vectors.Bytes("keys.member_seed"), member.Key.ExposeSeed());
        Assert.Equal(Vectors.Key("keys.member_pub"), member.Public);
        Assert.Equal(Vectors.Bytes("keys.session_seed"), session.Key.ExposeSeed());
        Assert.Equal(Vectors.Key("keys.session_pub"), session.Public);
        Assert.Equal(Vectors.Bytes("keys.fingerprint_key"), fingerprint.Expose());
    }

    [Fact]
    public void A_root_key_gives_the_keys_of_the_vectors()
    {
        using RootKey root = Vectors.Root();
        Assert.Equal(Vectors.Text("keys.root_id"), root.Id.ToString());
        AssertKey("keys.topic_key", root.DeriveMessageKey(new TargetSpec.Topic("topic1")));
        AssertKey("keys.topic_v2_key", root.DeriveTopicKeyV2("topic1"));
        AssertKey("keys.group_backend_key", root.DeriveMessageKey(new TargetSpec.Group(GroupName.Parse("backend"))));
        AssertKey("keys.tag_repo_billing_key", root.DeriveMessageKey(new TargetSpec.Tag(TagName.Parse("repo:billing"))));
        AssertKey("keys.broadcast_key", root.DeriveMessageKey(Everyone));
        foreach (string kind in new[] { "state", "memory", "summary", "schedule" })
            AssertKey($"keys.object_{kind}_key", root.DeriveObjectKey(kind));
    }

    [Fact]
    public void An_invite_secret_gives_the_keys_of_the_vectors_and_its_joiner_proves_it()
    {
        using InviteSecret secret = new(Vectors.Bytes("inputs.invite_secret"));
        using SigningKey invite = secret.DeriveKey("inv1");
        using SigningKey joiner = Vectors.B();
        Assert.Equal(Vectors.Key("keys.invite_pub"), invite.Public);
        AssertKey("keys.invite_wrap_key", secret.DeriveWrapKey("inv1"));

        JoinProofText text = new(Vectors.Mesh, new Digest(Vectors.Bytes("genesis.pin")), "inv1", joiner.Public);
        Assert.Equal(Vectors.Bytes("invite.join_proof_for_b"), invite.Sign(text));
    }

    [Fact]
    public void An_invite_secret_survives_its_link()
    {
        using InviteSecret secret = new(Vectors.Bytes("inputs.invite_secret"));
        Assert.True(InviteSecret.TryParseFragment(secret.ToFragment(), out InviteSecret? read));
        Assert.Equal(secret.ToFragment(), read!.ToFragment());
        Assert.False(InviteSecret.TryParseFragment(secret.ToFragment().AsSpan(0, 23), out _));
        Assert.False(InviteSecret.TryParseFragment(secret.ToFragment().Replace("3.", "2.", StringComparison.Ordinal), out _));
        Assert.False(InviteSecret.TryParseFragment(string.Empty, out _));
    }

    [Fact]
    public void A_copy_of_the_root_opens_for_its_recipient_and_for_nobody_else()
    {
        using RootKey root = Vectors.Root();
        using SigningKey b = Vectors.B();
        using SigningKey other = Vectors.A();
        byte[] copy = Vectors.Bytes("root.sealed_copy_for_b");

        Assert.True(RootKey.TryOpenCopy(b, copy, Vectors.Mesh, root.Reference, out RootKey? opened));
        Assert.Equal(root.Expose(), opened!.Expose());
        Assert.False(RootKey.TryOpenCopy(other, copy, Vectors.Mesh, root.Reference, out _));
        Assert.All(Vectors.Flipped(copy), bad => Assert.False(RootKey.TryOpenCopy(b, bad, Vectors.Mesh, root.Reference, out _)));

        Assert.True(root.TrySealFor(b.Public, out byte[]? own));
        Assert.True(RootKey.TryOpenCopy(b, own, Vectors.Mesh, root.Reference, out _));
    }

    [Fact]
    public void A_copy_of_another_key_is_noticed_by_its_root_id()
    {
        using RootKey root = Vectors.Root();
        using RootKey planted = RootKey.Generate(Vectors.Mesh, "mesh", epoch: 1);
        using SigningKey b = Vectors.B();
        Assert.True(planted.TrySealFor(b.Public, out byte[]? copy));
        Assert.False(RootKey.TryOpenCopy(b, copy, Vectors.Mesh, root.Reference, out _));
    }

    [Fact]
    public void The_newest_root_opens_the_one_before_it()
    {
        using RootKey first = Vectors.Root();
        using RootKey second = new(Vectors.Bytes("root.root_key_2"), Vectors.Mesh, "mesh", epoch: 2);
        using RootKey third = RootKey.Generate(Vectors.Mesh, "mesh", epoch: 3);
        Assert.Equal(Vectors.Text("root.root_id_2"), second.Id.ToString());

        byte[] back = Vectors.Bytes("root.back_2");
        Assert.True(second.TryOpenBack(back, first.Reference, out RootKey? opened));
        Assert.Equal(first.Expose(), opened!.Expose());
        Assert.All(Vectors.Flipped(back), bad => Assert.False(second.TryOpenBack(bad, first.Reference, out _)));

        Assert.True(third.TryOpenBack(third.SealBack(second), second.Reference, out RootKey? middle));
        Assert.True(middle!.TryOpenBack(back, first.Reference, out _));
        Assert.False(third.TryOpenBack(back, first.Reference, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mesh/1")]
    [InlineData("mesh 1")]
    [InlineData("mésh")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void No_key_is_derived_for_an_id_of_another_form(string id)
    {
        using AccountSecret account = Vectors.Account();
        using MemberSecretKey member = Vectors.Member();
        Assert.Throws<ArgumentException>(() => account.DeriveMember(Vectors.User, id));
        Assert.Throws<ArgumentException>(() => account.DeriveAccountKey(id));
        Assert.Throws<ArgumentException>(() => member.DeriveSession(Vectors.Mesh, id));
        Assert.Throws<ArgumentException>(() => new RootKey(Vectors.Bytes("inputs.root_key"), Vectors.Mesh, "topic/" + id, epoch: 1));
    }

    [Fact]
    public void The_official_hkdf_vectors_hold()
    {
        // RFC 5869, test cases 1 and 3.
        byte[] ikm = Enumerable.Repeat((byte)0x0b, 22).ToArray();
        byte[] okm = new byte[42];
        HkdfSha256.Derive(ikm, Convert.FromHexString("000102030405060708090a0b0c"), Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"), okm);
        Assert.Equal("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", Convert.ToHexStringLower(okm));
        HkdfSha256.Derive(ikm, [], [], okm);
        Assert.Equal("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8", Convert.ToHexStringLower(okm));
    }

    [Fact]
    public void The_official_hash_vectors_hold()
    {
        // FIPS 180-4 "abc"; RFC 4231 test case 1, its key padded to 32 bytes as HMAC does.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.Hash("abc").ToString());
        byte[] key = new byte[32];
        key.AsSpan(0, 20).Fill(0x0b);
        byte[] tag = new byte[32];
        HmacSha256.Compute(key, Encoding.ASCII.GetBytes("Hi There"), tag);
        Assert.Equal("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", Convert.ToHexStringLower(tag));
    }

    private static TargetSpec Everyone => TargetSpec.TryParse("*", out TargetSpec? all) ? all : throw new InvalidOperationException();

    private static void AssertKey(string path, SecretBytes key)
    {
        using (key)
            Assert.Equal(Vectors.Bytes(path), key.Expose());
    }
}
