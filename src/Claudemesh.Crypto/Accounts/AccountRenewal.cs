// keys.md 7: T("claudemesh/account-renewal/1", …) signed by the old account key, the new one and a device that stays;
// a copy for each of those = crypto_box_seal(new account secret, X25519(device)): 80 bytes.

using System.Diagnostics.CodeAnalysis;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>An account's next secret, for the devices that stay. The broker keeps it and reads nothing of it.</summary>
/// <param name="Text">The bytes of <see cref="AccountRenewalText"/>, as they are signed.</param>
public sealed record AccountRenewal(byte[] Text, byte[] OldSignature, byte[] NewSignature, byte[] DeviceSignature)
{
    public const int CopySize = AccountSecret.Size + SealedBox.Overhead;

    /// <summary>False when the key of a device that stays is none that anything can be sealed to.</summary>
    /// <param name="generation">Of the new secret.</param>
    /// <param name="staying">The devices that get the new secret; the one that signs is among them.</param>
    /// <exception cref="ArgumentException">The signing device does not stay, or a device stays and goes.</exception>
    public static bool TryMake(
        RenewalParts parts,
        long generation,
        IReadOnlyCollection<PublicKey> staying,
        IReadOnlyCollection<PublicKey> removed,
        long at,
        [NotNullWhen(true)] out AccountRenewal? renewal,
        out IReadOnlyList<RenewalCopy> copies)
    {
        if (!staying.Contains(parts.Device.Public) || staying.Intersect(removed).Any())
            throw new ArgumentException("The device that signs stays, and none stays that is removed.", nameof(staying));

        renewal = null;
        List<RenewalCopy> made = [];
        copies = made;
        foreach (PublicKey device in staying.Order())
        {
            if (!SealedBox.TrySeal(device, parts.Next.Expose(), out byte[]? copy))
                return false;

            made.Add(new RenewalCopy(device, copy!));
        }

        using SigningKey oldKey = parts.Present.DeriveAccountKey(parts.UserId);
        using SigningKey newKey = parts.Next.DeriveAccountKey(parts.UserId);
        byte[] text = SignedBytes.Of(new AccountRenewalText(parts.UserId, generation, oldKey.Public, newKey.Public, removed, at));
        renewal = new AccountRenewal(text, oldKey.Sign(text), newKey.Sign(text), parts.Device.Sign(text));
        return true;
    }

    /// <summary>
    /// Whether the text follows the account key that is known, and its signatures are good. Who asks compares the device with those it knows.
    /// </summary>
    /// <param name="devices">Those that may have signed: the ones that were there and are not removed by it.</param>
    /// <param name="signer">Which of them did.</param>
    public bool TryCheck(
        string userId, PublicKey account, long generation, IEnumerable<PublicKey> devices, out AccountRenewalText text, out PublicKey signer)
    {
        signer = default;
        if (!AccountRenewalText.TryParse(Text, out text)
            || !text.UserId.Equals(userId, StringComparison.Ordinal)
            || text.OldAccount != account
            || text.NewAccount == account
            || text.Generation != generation + 1
            || !Ed25519.Verify(text.OldAccount, Text, OldSignature)
            || !Ed25519.Verify(text.NewAccount, Text, NewSignature))
            return false;

        foreach (PublicKey device in devices)
        {
            if (text.RemovedDevices.Contains(device) || !Ed25519.Verify(device, Text, DeviceSignature))
                continue;

            signer = device;
            return true;
        }

        return false;
    }

    /// <summary>Opens a device's own copy: the secret inside must give the account key that the text names.</summary>
    public static bool TryOpenCopy(
        in AccountRenewalText text, SigningKey device, ReadOnlySpan<byte> copy, [NotNullWhen(true)] out AccountSecret? next)
    {
        next = null;
        if (copy.Length != CopySize || !SealedBox.TryOpen(device, copy, out SecretBytes? opened))
            return false;

        AccountSecret secret;
        using (opened)
            secret = new AccountSecret(opened!.Expose());

        using SigningKey key = secret.DeriveAccountKey(text.UserId);
        if (key.Public == text.NewAccount)
            next = secret;
        else
            secret.Dispose();
        return next is not null;
    }
}

/// <summary>What a renewal is made with.</summary>
/// <param name="Device">The device that signs.</param>
public sealed record RenewalParts(string UserId, AccountSecret Present, AccountSecret Next, SigningKey Device);
