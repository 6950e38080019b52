using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>A device that belongs to an account, with the record that says so.</summary>
/// <param name="ApprovedBy">Null: it made the account's first secret.</param>
/// <param name="Record">The signed text, and the signatures over it.</param>
/// <param name="Waits">It was approved and has not fetched its tokens so far.</param>
/// <param name="LastSeenAt">The latest of its sessions that are open; null where it has none.</param>
internal sealed record DeviceRow(
    long No, PublicKey Key, string Name, DeviceKind Kind, Instant AddedAt, PublicKey? ApprovedBy, SignedText Record, bool Waits, Instant? LastSeenAt)
{
    public DeviceInfo ToWire(PublicKey? asking) => new(
        Key,
        DisplayName.Parse(Name),
        Kind,
        AddedAt.ToTime(),
        ApprovedBy,
        LastSeenAt?.ToTime(),
        Current: Key == asking,
        Record.Text,
        Record.AccountSig,
        Record.DeviceSig);
}

/// <summary>A text as it was received, with the signatures of the account's key and of a device.</summary>
internal sealed record SignedText(byte[] Text, byte[] AccountSig, byte[] DeviceSig);

/// <param name="WaitsUntil">Null: it has what it needs. Else it is a device for good once it has fetched its tokens.</param>
internal sealed record NewDevice(
    AccountNo Account, PublicKey Key, string Name, DeviceKind Kind, PublicKey? ApprovedBy, SignedText Record, Instant? WaitsUntil = null);
