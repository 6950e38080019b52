using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>One's own account: <c>GET /api/my/account</c>.</summary>
/// <param name="EmailVerified">Absent where there is no address.</param>
public sealed record MyAccount(
    AccountSummary Account,
    DateTimeOffset CreatedAt,
    PasskeyInfo[] Passkeys,
    bool HasPassword,
    bool HasTotp,
    int RecoveryCodesLeft,
    EmailAddress? Email = null,
    bool? EmailVerified = null,
    OidcLinkInfo[]? Links = null);

/// <param name="Id">The credential's id in base64url.</param>
/// <param name="BackedUp">Whether its provider keeps copies, as synced passkeys have.</param>
/// <param name="Recovers">Whether a recovery of the account secret is kept for it.</param>
public sealed record PasskeyInfo(string Id, DisplayName Name, DateTimeOffset CreatedAt, bool BackedUp, bool Recovers, DateTimeOffset? LastUsedAt = null);

/// <summary>A provider that may sign the account in.</summary>
public sealed record OidcLinkInfo(string Issuer, DateTimeOffset LinkedAt);

/// <summary>What is left out stays.</summary>
/// <param name="Email">Empty: none.</param>
public sealed record ChangeAccount(DisplayName? DisplayName = null, string? Email = null) : ILimited
{
    string? ILimited.FindFault() =>
        Email is null or "" || EmailAddress.TryParse(Email, out _) ? null : $"email must be {EmailAddress.Rule}, or empty";
}

/// <param name="Confirm">The username, typed.</param>
public sealed record DeleteAccount(string Confirm) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("confirm", Confirm, Username.CharsMax);
}

/// <inheritdoc cref="PasskeyAnswer"/>
/// <param name="Name">What the person calls it.</param>
public sealed record AddPasskey(string Ceremony, JsonElement Credential, DisplayName Name) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("ceremony", Ceremony, WireId.CharsMax);
}

public sealed record RenamePasskey(DisplayName Name);

public sealed record SetPassword(Password Password);

/// <summary>A second factor that counts once it has shown one good code.</summary>
/// <param name="Secret">In base32, for typing. Told this once.</param>
/// <param name="Uri">The same for a QR: <c>otpauth://totp/…</c>.</param>
public sealed record TotpSecret(string Secret, string Uri);

public sealed record ConfirmTotp(string Code) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("code", Code, SecondFactor.CodeCharsMax);
}

/// <param name="Codes">Ten, each good once in place of a code of the authenticator. Told this once; earlier ones are over.</param>
public sealed record RecoveryCodes(string[] Codes);

/// <summary>Everything that the broker keeps about an account, apart from the secrets that it knows by their hash only.</summary>
/// <param name="Data">One list of rows for each table.</param>
public sealed record AccountExport(AccountSummary Account, DateTimeOffset ExportedAt, JsonElement Data);
