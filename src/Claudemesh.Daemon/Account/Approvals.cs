using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>What a device of the account wrote for a new one, and the new one's checks of it (keys.md 7). Nothing is kept unless all of them hold.</summary>
internal static class Approvals
{
    /// <summary>Opens the account's secret, if it was written for this request by whoever has the pairing secret.</summary>
    public static LocalReply<Approved> Open(TokenAnswer tokens, DeviceGrant grant, SigningKey device, PairingSecret pairing)
    {
        if (tokens is not { AccessToken.Length: > 0, RefreshToken.Length: > 0 })
            return AccountProblems.NotApproved("the broker answered without tokens");
        if (tokens.Approval is not { } approval)
            return AccountProblems.NotApproved("the broker gave tokens without an approval");
        if (!DeviceApprovalText.TryParse(approval.Text, out DeviceApprovalText text))
            return AccountProblems.NotApproved("what was signed is no approval");
        if (text.Device != device.Public)
            return AccountProblems.NotApproved("it approves another machine's key");
        if (!string.Equals(text.UserCode, grant.UserCode, StringComparison.Ordinal))
            return AccountProblems.NotApproved("it answers another request than this one");
        if (!string.Equals(text.DeviceName, grant.DeviceName, StringComparison.Ordinal))
            return AccountProblems.NotApproved("it approves a machine of another name");
        if (text.UserId != tokens.Sub || text.UserId != AccessClaims.FindSubject(tokens.AccessToken))
            return AccountProblems.NotApproved("the tokens are another account's");
        if (!new DeviceApproval(approval.Box, approval.AccountSig, approval.DeviceSig).TryOpen(device, pairing, text, out AccountSecret? secret))
            return AccountProblems.NotApproved("its box, its keys or its signatures are not those of one of your devices");

        return new Approved(text, secret!);
    }
}

/// <param name="Secret">The caller's to dispose.</param>
internal sealed record Approved(DeviceApprovalText Text, AccountSecret Secret);
