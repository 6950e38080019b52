using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests;

/// <summary>The next secret of an account: made by a device that stays, checked by the others.</summary>
public sealed class RenewalTests : IDisposable
{
    private readonly AccountSecret present = Vectors.Account();
    private readonly AccountSecret next = new(Vectors.Bytes("renewal.new_account_secret"));
    private readonly SigningKey device = Vectors.S();
    private readonly SigningKey other = Vectors.B();
    private readonly SigningKey lost = Vectors.O();

    public void Dispose()
    {
        present.Dispose();
        next.Dispose();
        device.Dispose();
        other.Dispose();
        lost.Dispose();
    }

    [Fact]
    public void Each_device_that_stays_opens_its_own_copy_of_the_next_secret()
    {
        (AccountRenewal renewal, IReadOnlyList<RenewalCopy> copies) = Make();

        Assert.True(Check(renewal, out AccountRenewalText text, out PublicKey signer));
        Assert.Equal(device.Public, signer);
        Assert.Equal([lost.Public], text.RemovedDevices);
        Assert.Equal(new[] { device.Public, other.Public }.Order(), copies.Select(copy => copy.DevicePub));
        foreach (SigningKey each in new[] { device, other })
        {
            byte[] copy = copies.Single(one => one.DevicePub == each.Public).Sealed;
            Assert.Equal(RenewalCopy.Size, copy.Length);
            Assert.True(AccountRenewal.TryOpenCopy(text, each, copy, out AccountSecret? opened));
            Assert.Equal(next.Expose(), opened.Expose());
            Assert.False(AccountRenewal.TryOpenCopy(text, lost, copy, out _));
        }
    }

    [Fact]
    public void A_renewal_that_the_broker_changed_is_refused()
    {
        (AccountRenewal renewal, _) = Make();

        Assert.All(Vectors.Flipped(renewal.Text), bad => Assert.False(Check(renewal with { Text = bad }, out _, out _)));
        Assert.All(Vectors.Flipped(renewal.OldSignature), bad => Assert.False(Check(renewal with { OldSignature = bad }, out _, out _)));
        Assert.All(Vectors.Flipped(renewal.NewSignature), bad => Assert.False(Check(renewal with { NewSignature = bad }, out _, out _)));
        Assert.All(Vectors.Flipped(renewal.DeviceSignature), bad => Assert.False(Check(renewal with { DeviceSignature = bad }, out _, out _)));
    }

    [Fact]
    public void A_renewal_of_another_user_key_or_generation_is_refused()
    {
        (AccountRenewal renewal, _) = Make();
        PublicKey account = Vectors.Key("keys.account_pub");

        Assert.False(renewal.TryCheck("user2", account, 1, [device.Public], out _, out _));
        Assert.False(renewal.TryCheck(Vectors.User, other.Public, 1, [device.Public], out _, out _));
        Assert.False(renewal.TryCheck(Vectors.User, account, 2, [device.Public], out _, out _));
        Assert.False(renewal.TryCheck(Vectors.User, account, 1, [other.Public], out _, out _));
        Assert.True(renewal.TryCheck(Vectors.User, account, 1, [other.Public, device.Public], out _, out _));
    }

    [Fact]
    public void A_device_that_is_removed_does_not_sign_its_own_removal_and_stay()
    {
        using SigningKey oldKey = present.DeriveAccountKey(Vectors.User);
        using SigningKey newKey = next.DeriveAccountKey(Vectors.User);
        byte[] text = SignedBytes.Of(new AccountRenewalText(Vectors.User, 2, oldKey.Public, newKey.Public, [lost.Public], Vectors.At));
        AccountRenewal byLost = new(text, oldKey.Sign(text), newKey.Sign(text), lost.Sign(text));

        Assert.False(byLost.TryCheck(Vectors.User, oldKey.Public, 1, [lost.Public, other.Public], out _, out _));
        Assert.Throws<ArgumentException>(() => AccountRenewal.TryMake(
            new RenewalParts(Vectors.User, present, next, lost), 2, [other.Public], [lost.Public], Vectors.At, out _, out _));
    }

    [Fact]
    public void A_secret_that_the_broker_planted_in_a_copy_is_not_kept()
    {
        (AccountRenewal renewal, _) = Make();
        Assert.True(Check(renewal, out AccountRenewalText text, out _));
        using AccountSecret planted = AccountSecret.Generate();
        Assert.True(SealedBox.TrySeal(device.Public, planted.Expose(), out byte[]? copy));

        Assert.False(AccountRenewal.TryOpenCopy(text, device, copy!, out AccountSecret? opened));
        Assert.Null(opened);
    }

    [Fact]
    public void The_copy_of_the_vectors_opens()
    {
        byte[] copy = Vectors.Bytes("renewal.sealed_copy_for_device");
        Assert.True(AccountRenewalText.TryParse(Vectors.Bytes("renewal.bytes"), out AccountRenewalText text));

        Assert.True(AccountRenewal.TryOpenCopy(text, device, copy, out AccountSecret? opened));
        Assert.Equal(next.Expose(), opened.Expose());
        Assert.All(Vectors.Flipped(copy), bad => Assert.False(AccountRenewal.TryOpenCopy(text, device, bad, out _)));
    }

    [Fact]
    public void The_first_record_a_recovered_device_a_claim_and_a_proof_are_those_of_the_vectors()
    {
        PublicKey account = Vectors.Key("keys.account_pub");
        using SigningKey accountKey = present.DeriveAccountKey(Vectors.User);
        using MemberSecretKey member = Vectors.Member();
        AssertSigned(new AccountText(Vectors.User, 1, account, device.Public, Vectors.At), "account_record.bytes", ("account_record.account_signature", accountKey), ("account_record.device_signature", device));
        AssertSigned(
            new DeviceApprovalText(Vectors.User, "", lost.Public, "laptop", account, 1, lost.Public, Vectors.At),
            "recovered_device.bytes", ("recovered_device.account_signature", accountKey), ("recovered_device.device_signature", lost));
        AssertSigned(
            new MemberClaimText(Vectors.Mesh, Vectors.User, member.Public, Vectors.At), "signed.member_claim.bytes", ("signed.member_claim.signature", member.Key));
        AssertSigned(
            new DeviceTokenText(Vectors.Text("signed.device_token.device_code"), Vectors.At), "signed.device_token.bytes", ("signed.device_token.signature", lost));
    }

    [Fact]
    public void The_vault_of_the_vectors_opens_for_its_version_alone()
    {
        byte[] blob = Vectors.Bytes("vault.blob");
        byte[] text = System.Text.Encoding.UTF8.GetBytes(Vectors.Text("vault.text"));
        Assert.Equal(blob, AccountVault.Seal(present, Vectors.User, 3, text, Vectors.Nonce));

        Assert.True(AccountVault.TryOpen(present, Vectors.User, 3, blob, out SecretBytes? opened));
        Assert.Equal(text, opened!.Expose());
        Assert.All(Vectors.Flipped(blob), bad => Assert.False(AccountVault.TryOpen(present, Vectors.User, 3, bad, out _)));
        Assert.False(AccountVault.TryOpen(present, Vectors.User, 2, blob, out _));
        Assert.False(AccountVault.TryOpen(present, Vectors.User, 0, blob, out _));
        Assert.False(AccountVault.TryOpen(present, "user2", 3, blob, out _));
        Assert.False(AccountVault.TryOpen(next, Vectors.User, 3, blob, out _));
        Assert.True(AccountVault.TryOpen(present, Vectors.User, 4, AccountVault.Seal(present, Vectors.User, 4, text), out _));
    }

    private static void AssertSigned<T>(T text, string bytes, params (string Signature, SigningKey Signer)[] signatures)
        where T : ISignable
    {
        Assert.Equal(Vectors.Bytes(bytes), SignedBytes.Of(text));
        foreach ((string path, SigningKey signer) in signatures)
        {
            byte[] signature = Vectors.Bytes(path);
            Assert.Equal(signature, signer.Sign(text));
            Assert.All(Vectors.Flipped(signature), bad => Assert.False(Ed25519.Verify(signer.Public, text, bad)));
            Assert.All(Vectors.Flipped(Vectors.Bytes(bytes)), bad => Assert.False(Ed25519.Verify(signer.Public, bad, signature)));
        }
    }

    private (AccountRenewal Renewal, IReadOnlyList<RenewalCopy> Copies) Make()
    {
        RenewalParts parts = new(Vectors.User, present, next, device);
        Assert.True(AccountRenewal.TryMake(
            parts, 2, [device.Public, other.Public], [lost.Public], Vectors.At, out AccountRenewal? renewal, out IReadOnlyList<RenewalCopy> copies));
        return (renewal, copies);
    }

    private bool Check(AccountRenewal renewal, out AccountRenewalText text, out PublicKey signer) =>
        renewal.TryCheck(Vectors.User, Vectors.Key("keys.account_pub"), 1, [lost.Public, device.Public, other.Public], out text, out signer);
}
