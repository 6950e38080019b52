namespace Claudemesh.Protocol.Signing;

/// <summary>
/// The text A of a device's approval: signed by the account key and by the approving device's key, associated with the box that
/// carries the account secret (keys.md 7).
/// </summary>
/// <param name="Generation">Of the account secret, from 1.</param>
public readonly record struct DeviceApprovalText(
    string UserId,
    string UserCode,
    PublicKey Device,
    string DeviceName,
    PublicKey Account,
    long Generation,
    PublicKey ApproverDevice,
    long At) : ISignable
{
    public const string Label = "claudemesh/device-approval/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(UserId);
        bytes.Text(UserCode);
        bytes.Key(Device);
        bytes.Text(DeviceName);
        bytes.Key(Account);
        bytes.Number(Generation);
        bytes.Key(ApproverDevice);
        bytes.Number(At);
    }
}

/// <summary>Associated with a recovery blob (keys.md 7).</summary>
/// <param name="Kind">1: recovery key. 2: passkey.</param>
/// <param name="CredentialId">The passkey's id; empty for a recovery key.</param>
public readonly record struct RecoveryText(
    string UserId, long Generation, PublicKey Account, byte Kind, ReadOnlyMemory<byte> CredentialId) : ISignable
{
    public const string Label = "claudemesh/recovery/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(UserId);
        bytes.Number(Generation);
        bytes.Key(Account);
        bytes.Number(Kind);
        bytes.Field(CredentialId.Span);
    }
}

/// <summary>An account's first secret, signed by the account key and the device key that made it (keys.md 7).</summary>
public readonly record struct AccountText(string UserId, long Generation, PublicKey Account, PublicKey Device, long At) : ISignable
{
    public const string Label = "claudemesh/account/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(UserId);
        bytes.Number(Generation);
        bytes.Key(Account);
        bytes.Key(Device);
        bytes.Number(At);
    }
}

/// <summary>
/// An account's next secret, after a device was lost: signed by the old account key, the new one, and a device that stays (keys.md 7).
/// </summary>
/// <param name="Generation">Of the new secret: one more than the old one's.</param>
/// <param name="RemovedDevices">Written in ascending order, whatever their order here.</param>
public readonly record struct AccountRenewalText(
    string UserId, long Generation, PublicKey OldAccount, PublicKey NewAccount, IReadOnlyCollection<PublicKey> RemovedDevices, long At) : ISignable
{
    public const string Label = "claudemesh/account-renewal/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(UserId);
        bytes.Number(Generation);
        bytes.Key(OldAccount);
        bytes.Key(NewAccount);
        bytes.Field([.. RemovedDevices.Order().SelectMany(device => device.Span.ToArray())]);
        bytes.Number(At);
    }
}
