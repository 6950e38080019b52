using System.Diagnostics;

namespace Claudemesh.Crypto;

/// <summary>The 32 random bytes of one account on one broker. The server is never sent them (keys.md 3 and 7).</summary>
[DebuggerDisplay("account secret")]
public sealed class AccountSecret : IDisposable
{
    public const int Size = 32;

    private readonly SecretBytes secret;

    public AccountSecret(ReadOnlySpan<byte> value)
    {
        Length.Require(value, Size);
        secret = new SecretBytes(value);
    }

    private AccountSecret(SecretBytes secret) => this.secret = secret;

    public static AccountSecret Generate() => new(SecretBytes.Random(Size));

    /// <summary>Signs for the account itself: its first secret, approvals and renewals.</summary>
    public SigningKey DeriveAccountKey(string userId) => KeyLabels.DeriveSigning(secret.Expose(), userId, KeyLabels.AccountSign);

    /// <summary>The AEAD key of the account's own vault.</summary>
    public SecretBytes DeriveVaultKey(string userId) => KeyLabels.Derive(secret.Expose(), userId, KeyLabels.AccountSelf);

    /// <summary>The same member on every machine of the account.</summary>
    public MemberSecretKey DeriveMember(string userId, string meshId) =>
        new(KeyLabels.DeriveSigning(secret.Expose(), userId, KeyLabels.Peer(meshId)));

    /// <summary>The bytes themselves, to be sealed or written to a protected store.</summary>
    public ReadOnlySpan<byte> Expose() => secret.Expose();

    public override string ToString() => "(account secret)";

    public void Dispose() => secret.Dispose();
}
