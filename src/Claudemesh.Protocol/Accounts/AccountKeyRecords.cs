using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The present account key, and the ones before it.</summary>
/// <param name="Record">What made the present key.</param>
/// <param name="History">What made the keys before, oldest first: who knows one of them follows the signatures to the present one.</param>
public sealed record AccountKeyInfo(long Generation, PublicKey AccountPub, AccountKeyRecord Record, AccountKeyRecord[] History);

/// <summary>One generation of the account key: the first as its device posted it, each later one as a renewal.</summary>
/// <param name="Text">The bytes of <c>claudemesh/account/1</c>, or of <c>claudemesh/account-renewal/1</c>.</param>
/// <param name="AccountSig">By this generation's key.</param>
/// <param name="OldSig">Of a renewal: by the key before.</param>
/// <param name="DevicePub">The device that signed.</param>
public sealed record AccountKeyRecord(
    long Generation, PublicKey AccountPub, byte[] Text, byte[] AccountSig, byte[] DeviceSig, PublicKey DevicePub, DateTimeOffset CreatedAt, byte[]? OldSig = null);

/// <summary>An account's first key, from the device that made its secret.</summary>
/// <param name="Text">The bytes of <c>claudemesh/account/1</c>.</param>
public sealed record AccountKeyCreate(byte[] Text, byte[] AccountSig, byte[] DeviceSig, DisplayName DeviceName) : ILimited
{
    string? ILimited.FindFault() => Limit.NotBytes("accountSig", AccountSig, 64) ?? Limit.NotBytes("deviceSig", DeviceSig, 64);
}

/// <param name="Devices">Those that are not removed, oldest first.</param>
public sealed record DeviceList(DeviceInfo[] Devices);

/// <param name="ApprovedBy">The device that approved it; its own key where it recovered the secret; absent of the account's first.</param>
/// <param name="LastSeenAt">When a session of it last asked something; absent when it has none.</param>
/// <param name="Current">Whether it is the device that asks.</param>
/// <param name="Text">The bytes of A, or of <c>claudemesh/account/1</c> for the first device. With both signatures it is the device's record.</param>
public sealed record DeviceInfo(
    PublicKey DevicePub,
    DisplayName Name,
    DeviceKind Kind,
    DateTimeOffset AddedAt,
    PublicKey? ApprovedBy,
    DateTimeOffset? LastSeenAt,
    bool Current,
    byte[] Text,
    byte[] AccountSig,
    byte[] DeviceSig);

[JsonConverter(typeof(WordConverter<DeviceKind>))]
public enum DeviceKind
{
    /// <summary>Keeps its key in a browser.</summary>
    Browser = 1,

    /// <summary>A daemon.</summary>
    Device = 2,
}

/// <summary>A device that opened the secret by a way of recovery approves itself; a browser that was approved says so which one it is.</summary>
/// <param name="Text">The bytes of A with itself as approver and an empty user code.</param>
public sealed record DeviceAdd(byte[] Text, byte[] AccountSig, byte[] DeviceSig) : ILimited
{
    string? ILimited.FindFault() => Limit.NotBytes("accountSig", AccountSig, 64) ?? Limit.NotBytes("deviceSig", DeviceSig, 64);
}

/// <param name="Withheld">True where the blobs themselves are left out: prove yourself once more and ask again.</param>
public sealed record RecoveryList(RecoveryInfo[] Blobs, bool? Withheld = null);

/// <param name="CredentialId">The passkey's id, of <c>prf</c>.</param>
/// <param name="Blob">77 bytes; absent where they are withheld.</param>
public sealed record RecoveryInfo(string Id, RecoveryKind Kind, long Generation, DateTimeOffset CreatedAt, byte[]? CredentialId = null, byte[]? Blob = null);

[JsonConverter(typeof(WordConverter<RecoveryKind>))]
public enum RecoveryKind
{
    /// <summary>Opens with the printed recovery key.</summary>
    Key = 1,

    /// <summary>Opens with what a passkey computes.</summary>
    Prf = 2,
}

/// <param name="Generation">Of the secret inside: the present one.</param>
/// <param name="CredentialId">The passkey's id, 1 to 1,023 bytes; of <c>prf</c> only.</param>
public sealed record RecoveryPut(byte[] Blob, long Generation, byte[]? CredentialId = null);

public sealed record RecoveryStored(string Id);

/// <param name="Version">0 and no blob while nothing is stored.</param>
public sealed record VaultInfo(long Version, byte[]? Blob = null);

/// <param name="Version">One more than the stored one.</param>
/// <param name="Blob">At most 1 MiB.</param>
public sealed record VaultPut(long Version, byte[] Blob);
