using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>An account's next secret (keys.md 7): it takes the account from the devices that are removed, and from every way of recovery so far.</summary>
/// <param name="Text">The bytes of <c>claudemesh/account-renewal/1</c>.</param>
/// <param name="OldSig">By the present account key.</param>
/// <param name="NewSig">By the next one.</param>
/// <param name="DeviceSig">By a device that stays.</param>
/// <param name="RemovedDevices">Those of the text.</param>
/// <param name="Copies">The next secret for each device that stays, and for no other.</param>
public sealed record RenewalRequest(
    byte[] Text, byte[] OldSig, byte[] NewSig, byte[] DeviceSig, PublicKey[] RemovedDevices, RenewalCopy[] Copies) : ILimited
{
    string? ILimited.FindFault() =>
        Limit.NotBytes("oldSig", OldSig, 64)
        ?? Limit.NotBytes("newSig", NewSig, 64)
        ?? Limit.NotBytes("deviceSig", DeviceSig, 64)
        ?? Limit.TooMany("removedDevices", RemovedDevices, AccountRenewalText.DevicesMax)
        ?? Limit.HasNull("copies", Copies)
        ?? Limit.TooMany("copies", Copies, AccountRenewalText.DevicesMax)
        ?? (Array.Exists(Copies, copy => copy.Sealed.Length != RenewalCopy.Size) ? $"sealed must have {RenewalCopy.Size} bytes" : null);
}

/// <summary>The account secret sealed to one device.</summary>
public sealed record RenewalCopy(PublicKey DevicePub, byte[] Sealed)
{
    public const int Size = 80;
}

/// <summary>A renewal as its devices check it.</summary>
/// <param name="Copy">For the device that asks; absent when it was added afterwards, or is none.</param>
public sealed record RenewalInfo(byte[] Text, byte[] OldSig, byte[] NewSig, byte[] DeviceSig, byte[]? Copy = null);
