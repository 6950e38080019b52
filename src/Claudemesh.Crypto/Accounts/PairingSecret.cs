using System.Diagnostics;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

/// <summary>
/// The 16 bytes that a new machine shows to its person and never sends to the broker (keys.md 7): without them nobody can write the
/// approval, and without the machine's own key nobody can read it.
/// </summary>
[DebuggerDisplay("pairing secret")]
public sealed class PairingSecret : IDisposable
{
    public const int Size = 16;

    private const string FragmentVersion = "1.";

    private readonly SecretBytes secret;

    public PairingSecret(ReadOnlySpan<byte> value)
    {
        Length.Require(value, Size);
        secret = new SecretBytes(value);
    }

    public static PairingSecret Generate()
    {
        using SecretBytes random = SecretBytes.Random(Size);
        return new PairingSecret(random.Expose());
    }

    /// <summary>What goes behind the <c>#</c> of the verification link: the secret and the machine's public key.</summary>
    public string ToFragment(PublicKey device)
    {
        Span<byte> both = stackalloc byte[Size + PublicKey.Size];
        secret.Expose().CopyTo(both);
        device.Span.CopyTo(both[Size..]);
        return SecretFragment.Write(FragmentVersion, both);
    }

    public static bool TryParseFragment(ReadOnlySpan<char> fragment, out PairingSecret? secret, out PublicKey device)
    {
        secret = null;
        device = default;
        Span<byte> both = stackalloc byte[Size + PublicKey.Size];
        if (!SecretFragment.TryRead(fragment, FragmentVersion, both))
            return false;

        device = new PublicKey(both[Size..]);
        secret = new PairingSecret(both[..Size]);
        return true;
    }

    /// <summary>26 characters to be typed.</summary>
    public string ToTypedText() => Crockford.Encode(secret.Expose(), Size * 8);

    public static bool TryParseTyped(ReadOnlySpan<char> typed, out PairingSecret? secret)
    {
        Span<byte> value = stackalloc byte[Size];
        secret = Crockford.TryDecode(typed, Size * 8, value) ? new PairingSecret(value) : null;
        return secret is not null;
    }

    public override string ToString() => "(pairing secret)";

    public void Dispose() => secret.Dispose();

    internal void DeriveApprovalKey(ReadOnlySpan<byte> approvalHash, Span<byte> key) =>
        HkdfSha256.Derive(secret.Expose(), approvalHash, System.Text.Encoding.UTF8.GetBytes(KeyLabels.DeviceApproval), key);
}
