namespace Claudemesh.Protocol.Signing;

/// <summary>
/// The text A of a device's approval: signed by the account key and by the approving device's key, associated with the box that
/// carries the account secret (keys.md 7).
/// </summary>
/// <param name="UserCode">As it is shown, <c>ABCD-EFGH</c>; empty where a recovered device approves itself.</param>
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

    /// <summary>No text that keeps the limits of its fields comes near it; a longer one is not even parsed.</summary>
    public const int BytesMax = 1024;

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

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out DeviceApprovalText text)
    {
        text = default;
        if (bytes.Length > BytesMax
            || !SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryId(out string userId)
            || !fields.TryText(out string userCode)
            || !fields.TryKey(out PublicKey device)
            || !fields.TryText(out string deviceName)
            || !fields.TryKey(out PublicKey account)
            || !fields.TryNumber(out long generation)
            || generation < 1
            || !fields.TryKey(out PublicKey approver)
            || !fields.TryNumber(out long at)
            || !fields.AtEnd)
            return false;

        text = new DeviceApprovalText(userId, userCode, device, deviceName, account, generation, approver, at);
        return true;
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

    /// <inheritdoc cref="DeviceApprovalText.BytesMax"/>
    public const int BytesMax = 512;

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(UserId);
        bytes.Number(Generation);
        bytes.Key(Account);
        bytes.Key(Device);
        bytes.Number(At);
    }

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AccountText text)
    {
        text = default;
        if (bytes.Length > BytesMax
            || !SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryId(out string userId)
            || !fields.TryNumber(out long generation)
            || generation < 1
            || !fields.TryKey(out PublicKey account)
            || !fields.TryKey(out PublicKey device)
            || !fields.TryNumber(out long at)
            || !fields.AtEnd)
            return false;

        text = new AccountText(userId, generation, account, device, at);
        return true;
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

    /// <summary>An account has at most so many devices.</summary>
    public const int DevicesMax = 100;

    /// <inheritdoc cref="DeviceApprovalText.BytesMax"/>
    public const int BytesMax = 512 + DevicesMax * PublicKey.Size;

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

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes; a device twice, or out of order, is no text of its.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AccountRenewalText text)
    {
        text = default;
        if (bytes.Length > BytesMax
            || !SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryId(out string userId)
            || !fields.TryNumber(out long generation)
            || generation < 2
            || !fields.TryKey(out PublicKey oldAccount)
            || !fields.TryKey(out PublicKey newAccount)
            || !fields.TryField(out ReadOnlySpan<byte> joined)
            || !TrySplit(joined, out PublicKey[] removed)
            || !fields.TryNumber(out long at)
            || !fields.AtEnd)
            return false;

        text = new AccountRenewalText(userId, generation, oldAccount, newAccount, removed, at);
        return true;
    }

    private static bool TrySplit(ReadOnlySpan<byte> joined, out PublicKey[] keys)
    {
        keys = new PublicKey[joined.Length / PublicKey.Size];
        if (joined.Length % PublicKey.Size != 0)
            return false;

        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = new PublicKey(joined.Slice(i * PublicKey.Size, PublicKey.Size));
            if (i > 0 && keys[i] <= keys[i - 1])
                return false;
        }

        return true;
    }
}
