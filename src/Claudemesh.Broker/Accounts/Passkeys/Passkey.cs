using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>A passkey of an account. The attestation is not kept: a passkey shows that somebody has it, not who made his device.</summary>
/// <param name="SignCount">0 of those that do not count, as synced ones.</param>
/// <param name="Transports">Words of the browser, such as <c>internal</c>.</param>
internal sealed record Passkey(
    AccountNo Account,
    byte[] CredentialId,
    byte[] PublicKey,
    string Name,
    long SignCount,
    string[] Transports,
    bool BackupEligible,
    bool BackedUp,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt)
{
    public string Id => Base64Url.EncodeToString(CredentialId);

    public static Passkey From(UserPasskeyInfo made, AccountNo account, string name, DateTimeOffset now) => new(
        account, made.CredentialId, made.PublicKey, name, made.SignCount, made.Transports ?? [], made.IsBackupEligible, made.IsBackedUp, now, LastUsedAt: null);

    /// <summary>As the framework's verifier wants it.</summary>
    public UserPasskeyInfo ToInfo() => new(
        CredentialId, PublicKey, CreatedAt, (uint)SignCount, Transports, isUserVerified: true, BackupEligible, BackedUp, attestationObject: [], clientDataJson: []);
}
