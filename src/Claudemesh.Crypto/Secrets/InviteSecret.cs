using System.Diagnostics;

namespace Claudemesh.Crypto;

/// <summary>The 16 bytes in the fragment of an invite's link (keys.md 8). The broker never has them.</summary>
[DebuggerDisplay("invite secret")]
public sealed class InviteSecret : IDisposable
{
    public const int Size = 16;

    private const string FragmentVersion = "3.";

    private readonly SecretBytes secret;

    public InviteSecret(ReadOnlySpan<byte> value)
    {
        Length.Require(value, Size);
        secret = new SecretBytes(value);
    }

    public static InviteSecret Generate()
    {
        using SecretBytes random = SecretBytes.Random(Size);
        return new InviteSecret(random.Expose());
    }

    /// <summary>Reads what follows the <c>#</c> of a link.</summary>
    public static bool TryParseFragment(ReadOnlySpan<char> fragment, out InviteSecret? secret)
    {
        secret = null;
        Span<byte> value = stackalloc byte[Size];
        if (SecretFragment.TryRead(fragment, FragmentVersion, value))
            secret = new InviteSecret(value);
        return secret is not null;
    }

    /// <summary>What goes behind the <c>#</c>. The link with it is the key itself.</summary>
    public string ToFragment() => SecretFragment.Write(FragmentVersion, secret.Expose());

    public SigningKey DeriveKey(string inviteId) => KeyLabels.DeriveSigning(secret.Expose(), inviteId, KeyLabels.InviteSign);

    public SecretBytes DeriveWrapKey(string inviteId) => KeyLabels.Derive(secret.Expose(), inviteId, KeyLabels.InviteWrap);

    public override string ToString() => "(invite secret)";

    public void Dispose() => secret.Dispose();
}
