using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Browser;

/// <summary>What the page writes for an account a daemon opens, and the other way round, with everything made at random.</summary>
[Collection(nameof(BrowserPeer))]
public sealed class BrowserAccountTests(BrowserPeer page)
{
    private const int Rounds = 8;
    private const string User = "oXyf3v2LwB9q";

    [Fact]
    public void A_device_approved_in_the_page_opens_the_account_in_a_daemon()
    {
        for (int round = 0; round < Rounds; round++)
        {
            using AccountSecret account = AccountSecret.Generate();
            using SigningKey device = SigningKey.Generate(), approver = SigningKey.Generate(), accountKey = account.DeriveAccountKey(User);
            byte[] pairing = RandomBytes.Next(PairingSecret.Size);
            DeviceApprovalText text = TextOf(device, approver, accountKey, round);
            JsonNode answer = page.Ask("approve", new
            {
                account = BrowserPeer.Hex(account.Expose()),
                approver = BrowserPeer.Hex(approver.ExposeSeed()),
                pairing = BrowserPeer.Hex(pairing),
                text = new
                {
                    userId = text.UserId,
                    userCode = text.UserCode,
                    device = text.Device.ToString(),
                    deviceName = text.DeviceName,
                    account = text.Account.ToString(),
                    generation = text.Generation,
                    approverDevice = text.ApproverDevice.ToString(),
                    at = text.At,
                },
            })!;

            Assert.Equal(SignedBytes.Of(text), BrowserPeer.Bytes(answer["text"]));
            DeviceApproval approval = new(
                BrowserPeer.Bytes(answer["box"]), BrowserPeer.Bytes(answer["accountSignature"]), BrowserPeer.Bytes(answer["deviceSignature"]));
            using PairingSecret s = new(pairing);
            Assert.True(approval.TryOpen(device, s, text, out AccountSecret? opened));
            Assert.Equal(account.Expose(), opened!.Expose());
        }
    }

    [Fact]
    public void A_device_approved_by_a_daemon_opens_the_account_in_the_page()
    {
        for (int round = 0; round < Rounds; round++)
        {
            using AccountSecret account = AccountSecret.Generate();
            using SigningKey device = SigningKey.Generate(), approver = SigningKey.Generate(), accountKey = account.DeriveAccountKey(User);
            byte[] pairing = RandomBytes.Next(PairingSecret.Size);
            using PairingSecret s = new(pairing);
            DeviceApprovalText text = TextOf(device, approver, accountKey, round);
            Assert.True(DeviceApproval.TryApprove(account, approver, s, text, out DeviceApproval? approval));

            Assert.Equal(BrowserPeer.Hex(account.Expose()), Open(device, pairing, approval!, text)!["account"]!.GetValue<string>());
            Assert.Null(Open(approver, pairing, approval!, text));
            Assert.Null(Open(device, RandomBytes.Next(PairingSecret.Size), approval!, text));
            Assert.Null(Open(device, pairing, approval! with { DeviceSignature = approval.AccountSignature }, text));
        }
    }

    [Fact]
    public void Recovery_blobs_of_the_page_open_in_a_daemon_and_those_of_a_daemon_in_the_page()
    {
        for (int round = 1; round <= Rounds; round++)
        {
            using AccountSecret account = AccountSecret.Generate();
            using SigningKey accountKey = account.DeriveAccountKey(User);
            byte[] prf = RandomBytes.Next(32), credential = RandomBytes.Next(16 + round);
            string secret = BrowserPeer.Hex(account.Expose());
            using SecretBytes prfSecret = new(prf);

            JsonNode made = page.Ask("sealRecovery", new
            {
                account = secret, userId = User, generation = round, prf = BrowserPeer.Hex(prf), credentialId = BrowserPeer.Hex(credential),
            })!;
            Assert.True(RecoveryKey.TryParse(made["printed"]!.GetValue<string>(), out RecoveryKey? printed));
            Assert.True(RecoveryBlob.TryOpenWithKey(
                printed!, BrowserPeer.Bytes(made["key"]), User, round, accountKey.Public, out AccountSecret? byKey));
            Assert.Equal(account.Expose(), byKey!.Expose());
            Assert.True(RecoveryBlob.TryOpenWithPrf(
                prfSecret, BrowserPeer.Bytes(made["prf"]), User, round, accountKey.Public, credential, out AccountSecret? byPrf));
            Assert.Equal(account.Expose(), byPrf!.Expose());

            using RecoveryKey own = RecoveryKey.Generate();
            JsonNode opened = page.Ask("openRecovery", new
            {
                userId = User,
                generation = round,
                account = accountKey.Public.ToString(),
                printed = own.ToPrintedText(),
                key = BrowserPeer.Hex(RecoveryBlob.SealWithKey(own, account, User, round)),
                prf = BrowserPeer.Hex(prf),
                credentialId = BrowserPeer.Hex(credential),
                prfBlob = BrowserPeer.Hex(RecoveryBlob.SealWithPrf(prfSecret, account, User, round, credential)),
            })!;
            Assert.Equal(secret, opened["byKey"]!.GetValue<string>());
            Assert.Equal(secret, opened["byPrf"]!.GetValue<string>());
        }
    }

    [Fact]
    public void Both_sides_think_the_same_of_signatures_that_no_honest_signer_makes()
    {
        JsonArray crafted = page.Ask("crafted", new { count = 300 })!.AsArray();
        foreach (JsonNode? each in crafted)
        {
            PublicKey key = PublicKey.Parse(each!["key"]!.GetValue<string>());
            bool ours = Ed25519.Verify(key, BrowserPeer.Bytes(each["message"]), BrowserPeer.Bytes(each["signature"]));
            Assert.True(ours == each["verdict"]!.GetValue<bool>(), $"A daemon says {ours} where the page does not: {each}");
        }

        // Both verdicts occur, or nothing was compared.
        Assert.Equal(2, crafted.Select(each => each!["verdict"]!.GetValue<bool>()).Distinct().Count());
    }

    private static DeviceApprovalText TextOf(SigningKey device, SigningKey approver, SigningKey account, int round) => new(
        User, "WDJB-MJHT", device.Public, $"Büro {round} \U0001F4BB", account.Public, round + 1, approver.Public, Vectors.At + round);

    private JsonNode? Open(SigningKey device, byte[] pairing, DeviceApproval approval, DeviceApprovalText text) => page.Ask("openApproval", new
    {
        device = BrowserPeer.Hex(device.ExposeSeed()),
        pairing = BrowserPeer.Hex(pairing),
        approval = new
        {
            text = BrowserPeer.Hex(SignedBytes.Of(text)),
            box = BrowserPeer.Hex(approval.Box),
            accountSignature = BrowserPeer.Hex(approval.AccountSignature),
            deviceSignature = BrowserPeer.Hex(approval.DeviceSignature),
        },
        userId = text.UserId,
        userCode = text.UserCode,
        deviceName = text.DeviceName,
    });
}
