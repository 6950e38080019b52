using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// What the broker checks of an approval (keys.md 7): that it is about this account and this request, and signed by who it says. It opens no box: what
/// is in it the new machine alone can tell.
/// </summary>
internal static class ApprovalRules
{
    /// <summary>What the text says, if both signatures over the bytes as they came are good.</summary>
    public static MeshError? Read(SignedText signed, Account account, DateTimeOffset now, out DeviceApprovalText text)
    {
        if (!DeviceApprovalText.TryParse(signed.Text, out text))
            return Refused("it is not of the documented form");
        if (!text.UserId.Equals(account.Id.Value, StringComparison.Ordinal))
            return Refused("it names another account");
        if (!SignedTimes.IsNear(text.At, now))
            return MeshError.ClockSkew;
        if (!Ed25519.Verify(text.Account, signed.Text, signed.AccountSig))
            return Refused("the account key has not signed it");

        return Ed25519.Verify(text.ApproverDevice, signed.Text, signed.DeviceSig) ? null : Refused("the approving device has not signed it");
    }

    /// <summary>Why it is not about this request, or null.</summary>
    public static MeshError? Compare(in DeviceApprovalText text, DeviceRequest request)
    {
        if (!text.UserCode.Equals(request.UserCode.Value, StringComparison.Ordinal))
            return Refused("it is about another code");
        if (text.Device != request.Key)
            return Refused("it is about another device's key");

        return text.DeviceName.Equals(request.Name, StringComparison.Ordinal) ? null : Refused("it gives the device another name");
    }

    /// <summary>Why it is not signed with the present account key, or null.</summary>
    public static MeshError? Compare(in DeviceApprovalText text, AccountKeyRecord? present) => present switch
    {
        null => MeshError.NoAccountKey,
        _ when text.Generation != present.Generation || text.Account != present.AccountPub => MeshError.AccountKeyMoved,
        _ => null,
    };

    public static MeshError Refused(string why) => MeshError.ApprovalRefused.With(
        $"The approval is invalid: {why}. Read the request again and approve it from a device of the account.");
}
