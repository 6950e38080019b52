using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>The keys that an account has had, as the newest one vouches for them: each renewal is signed by the key that it makes and names the one before.</summary>
internal sealed class AccountKeyHistory
{
    private readonly HashSet<PublicKey> keys = [];

    private AccountKeyHistory(PublicKey present) => keys.Add(present);

    /// <param name="present">The account's key as this device holds it.</param>
    public static AccountKeyHistory Of(WireKey shown, PublicKey present)
    {
        var history = new AccountKeyHistory(present);
        PublicKey key = present;
        foreach (WireKeyRecord record in (shown.History ?? []).Append(shown.Record).OfType<WireKeyRecord>().OrderByDescending(one => one.Generation))
        {
            if (record.AccountPub != key.ToString())
                continue;
            if (!AccountRenewalText.TryParse(record.Text, out AccountRenewalText text) || text.NewAccount != key || !Ed25519.Verify(key, record.Text, record.AccountSig))
                break;

            key = text.OldAccount;
            history.keys.Add(key);
        }

        return history;
    }

    /// <summary>Whether a key of the account and the device that approved it have signed this device in.</summary>
    public bool Proves(WireDevice device, string userId)
    {
        if (device is not { Text: { } text, AccountSig: { } accountSig, DeviceSig: { } deviceSig })
            return false;

        if (DeviceApprovalText.TryParse(text, out DeviceApprovalText approval))
        {
            return approval.UserId == userId
                && approval.Device.ToString() == device.DevicePub
                && keys.Contains(approval.Account)
                && Ed25519.Verify(approval.Account, text, accountSig)
                && Ed25519.Verify(approval.ApproverDevice, text, deviceSig);
        }

        return AccountText.TryParse(text, out AccountText first)
            && first.UserId == userId
            && first.Device.ToString() == device.DevicePub
            && keys.Contains(first.Account)
            && Ed25519.Verify(first.Account, text, accountSig)
            && Ed25519.Verify(first.Device, text, deviceSig);
    }
}
