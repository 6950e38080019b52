using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests;

public sealed class AccountTests : IDisposable
{
    private readonly AccountSecret account = Vectors.Account();
    private readonly SigningKey device = Vectors.O();
    private readonly SigningKey approver = Vectors.S();
    private readonly PairingSecret pairing = new(Vectors.Bytes("inputs.pairing_secret"));

    private DeviceApprovalText Text => new(
        Vectors.User, "ABCD-EFGH", device.Public, "laptop", Vectors.Key("keys.account_pub"), 1, approver.Public, Vectors.At);

    private static DeviceApproval Vector => new(
        Vectors.Bytes("approval.box"), Vectors.Bytes("approval.account_signature"), Vectors.Bytes("approval.approver_signature"));

    public void Dispose()
    {
        account.Dispose();
        device.Dispose();
        approver.Dispose();
        pairing.Dispose();
    }

    [Fact]
    public void The_approval_of_the_vectors_opens_on_the_new_machine()
    {
        Assert.Equal(Vectors.Bytes("approval.text"), SignedBytes.Of(Text));
        Assert.Equal(Vectors.Text("approval.box_sha256"), Sha256.Hash(Vector.Box).ToString());
        Assert.True(Vector.TryOpen(device, pairing, Text, out AccountSecret? opened));
        Assert.Equal(account.Expose(), opened!.Expose());
    }

    [Fact]
    public void An_approval_made_here_opens_on_the_new_machine_and_on_no_other()
    {
        Assert.True(DeviceApproval.TryApprove(account, approver, pairing, Text, out DeviceApproval? approval));
        Assert.True(approval!.TryOpen(device, pairing, Text, out _));
        Assert.False(approval.TryOpen(approver, pairing, Text, out _));
        using PairingSecret guessed = PairingSecret.Generate();
        Assert.False(approval.TryOpen(device, guessed, Text, out _));
        Assert.Equal(Vector.AccountSignature, approval.AccountSignature);
        Assert.Equal(Vector.DeviceSignature, approval.DeviceSignature);
    }

    [Fact]
    public void No_bit_of_an_approval_may_change()
    {
        Assert.All(Vectors.Flipped(Vector.Box), bad => AssertRefused(Vector with { Box = bad }, Text));
        Assert.All(Vectors.Flipped(Vector.AccountSignature), bad => AssertRefused(Vector with { AccountSignature = bad }, Text));
        Assert.All(Vectors.Flipped(Vector.DeviceSignature), bad => AssertRefused(Vector with { DeviceSignature = bad }, Text));
        AssertRefused(Vector with { Box = [] }, Text);
        AssertRefused(Vector, Text with { DeviceName = "other" });
        AssertRefused(Vector, Text with { UserId = "user2" });
        AssertRefused(Vector, Text with { UserCode = "ABCD-EFGX" });
        AssertRefused(Vector, Text with { Generation = 2 });
    }

    [Fact]
    public void A_secret_that_is_not_the_accounts_is_refused_even_when_everything_is_signed()
    {
        // Who plants a secret of his own has its account key too; the text must name that key, which the caller compares.
        using AccountSecret planted = AccountSecret.Generate();
        Assert.Throws<ArgumentException>(() => DeviceApproval.TryApprove(planted, approver, pairing, Text, out _));
    }

    [Fact]
    public void A_pairing_secret_survives_its_link_and_being_typed()
    {
        Assert.Equal(Vectors.Text("approval.fragment"), pairing.ToFragment(device.Public));
        Assert.True(PairingSecret.TryParseFragment(pairing.ToFragment(device.Public), out PairingSecret? read, out PublicKey key));
        Assert.Equal(device.Public, key);
        Assert.Equal(pairing.ToTypedText(), read!.ToTypedText());

        Assert.Equal(Vectors.Text("approval.typed_secret"), pairing.ToTypedText());
        Assert.True(PairingSecret.TryParseTyped("6csk-6csk-6csk 6csk-6csk-6csk-6c", out PairingSecret? typed));
        Assert.Equal(pairing.ToTypedText(), typed!.ToTypedText());
        Assert.False(PairingSecret.TryParseTyped("6CSK6CSK6CSK6CSK6CSK6CSK6", out _));
        Assert.False(PairingSecret.TryParseTyped("6CSK6CSK6CSK6CSK6CSK6CSK6D", out _));
        Assert.False(PairingSecret.TryParseTyped("6CSK6CSK6CSK6CSK6CSK6CSK6C0", out _));
        Assert.False(PairingSecret.TryParseTyped("6CSK6CSK6CSK6CSK6CSK6CSK6U", out _));
        Assert.False(PairingSecret.TryParseFragment("1.", out _, out _));
        Assert.False(PairingSecret.TryParseFragment(Vectors.Text("approval.fragment").Replace('M', '+'), out _, out _));
    }

    [Fact]
    public void The_recovery_key_of_the_vectors_prints_reads_and_opens()
    {
        using RecoveryKey key = new(Vectors.Bytes("recovery.key"));
        Assert.Equal(Vectors.Text("recovery.printed"), key.ToPrintedText());
        Assert.True(RecoveryKey.TryParse("oooG 4oR4-oM3o-E2o9-i85G-r38e-lw8L-24gkwyqb", out RecoveryKey? read));

        PublicKey accountKey = Vectors.Key("keys.account_pub");
        byte[] blob = Vectors.Bytes("recovery.blob");
        Assert.Equal(RecoveryBlob.Size, blob.Length);
        using SecretBytes aead = key.DeriveKey(Vectors.User);
        Assert.Equal(blob, RecoveryBlob.Seal(aead, kind: 1, account, Vectors.User, 1, default, Vectors.Nonce));
        Assert.True(RecoveryBlob.TryOpenWithKey(read!, blob, Vectors.User, 1, accountKey, out AccountSecret? opened));
        Assert.Equal(account.Expose(), opened!.Expose());

        Assert.All(Vectors.Flipped(blob), bad => Assert.False(RecoveryBlob.TryOpenWithKey(key, bad, Vectors.User, 1, accountKey, out _)));
        Assert.False(RecoveryBlob.TryOpenWithKey(key, blob, Vectors.User, 2, accountKey, out _));
        Assert.False(RecoveryBlob.TryOpenWithKey(key, blob, "user2", 1, accountKey, out _));
        Assert.False(RecoveryBlob.TryOpenWithKey(key, blob, Vectors.User, 1, device.Public, out _));
    }

    [Fact]
    public void A_typing_error_in_a_recovery_key_is_noticed()
    {
        string printed = Vectors.Text("recovery.printed");
        for (int i = 0; i < printed.Length; i++)
        {
            if (printed[i] == '-')
                continue;
            char wrong = printed[i] == '7' ? '8' : '7';
            Assert.False(RecoveryKey.TryParse(string.Concat(printed.AsSpan(0, i), wrong.ToString(), printed.AsSpan(i + 1)), out _));
        }
    }

    [Fact]
    public void A_passkey_opens_its_own_blob_only()
    {
        using SecretBytes prf = new(Vectors.Bytes("recovery.prf"));
        byte[] credential = Vectors.Bytes("recovery.credential_id");
        PublicKey accountKey = Vectors.Key("keys.account_pub");
        Assert.True(RecoveryBlob.TryOpenWithPrf(prf, Vectors.Bytes("recovery.prf_blob"), Vectors.User, 1, accountKey, credential, out _));
        byte[] own = RecoveryBlob.SealWithPrf(prf, account, Vectors.User, 1, credential);
        Assert.True(RecoveryBlob.TryOpenWithPrf(prf, own, Vectors.User, 1, accountKey, credential, out _));
        Assert.False(RecoveryBlob.TryOpenWithPrf(prf, own, Vectors.User, 1, accountKey, new byte[16], out _));
        using RecoveryKey key = RecoveryKey.Generate();
        Assert.False(RecoveryBlob.TryOpenWithKey(key, own, Vectors.User, 1, accountKey, out _));
    }

    [Fact]
    public void A_renewal_is_signed_by_the_old_key_the_new_key_and_a_device_that_stays()
    {
        using AccountSecret next = new(Vectors.Bytes("renewal.new_account_secret"));
        using SigningKey oldKey = account.DeriveAccountKey(Vectors.User);
        using SigningKey newKey = next.DeriveAccountKey(Vectors.User);
        Assert.Equal(Vectors.Key("renewal.new_account_pub"), newKey.Public);
        PublicKey[] removed = [.. Vectors.Element("renewal.removed_devices").EnumerateArray().Select(key => PublicKey.Parse(key.GetString()))];
        AccountRenewalText text = new(Vectors.User, Vectors.Number("renewal.generation"), oldKey.Public, newKey.Public, removed, Vectors.At);
        byte[] bytes = SignedBytes.Of(text);
        Assert.Equal(Vectors.Bytes("renewal.bytes"), bytes);
        Assert.Equal(bytes, SignedBytes.Of(text with { RemovedDevices = [.. removed.Reverse()] }));

        foreach ((SigningKey signer, string name) in new[] { (oldKey, "old_account"), (newKey, "new_account"), (approver, "device") })
        {
            byte[] signature = Vectors.Bytes($"renewal.{name}_signature");
            Assert.Equal(signature, signer.Sign(text));
            Assert.All(Vectors.Flipped(signature), bad => Assert.False(Ed25519.Verify(signer.Public, text, bad)));
            Assert.All(Vectors.Flipped(bytes), bad => Assert.False(Ed25519.Verify(signer.Public, bad, signature)));
        }
    }

    private void AssertRefused(DeviceApproval approval, DeviceApprovalText text)
    {
        Assert.False(approval.TryOpen(device, pairing, text, out AccountSecret? opened));
        Assert.Null(opened);
    }
}
