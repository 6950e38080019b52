using System.Text.Json.Serialization;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>One account as <c>account.json</c> has it. What it is pinned to (<see cref="UserId"/>, <see cref="Key"/>) outlives a logout.</summary>
/// <param name="Broker">As it was logged in to, without a closing slash.</param>
/// <param name="Issuer">What the broker calls itself; workspaces may name either.</param>
/// <param name="Kind">One of <see cref="AccountKinds"/>.</param>
internal sealed record StoredLogin(string Broker, string Issuer, string Kind, string UserId, string Username, string DisplayName)
{
    public string? DeviceName { get; set; }

    /// <summary>This machine's device key, hex.</summary>
    public string? Device { get; set; }

    /// <summary>The account's own key, hex.</summary>
    public string? Key { get; set; }

    public long Generation { get; set; }

    /// <summary>The name of the <see cref="ISecretStore"/> that has the secrets.</summary>
    public string Store { get; set; } = SecretFile.StoreName;

    /// <summary>Only where this file is the store.</summary>
    public StoredSecrets? Secrets { get; set; }

    public bool IsLoggedOut { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }

    public bool? HasRecovery { get; set; }

    /// <summary>A renewal by another device that this one's person has not accepted yet.</summary>
    public long? Renewal { get; set; }

    public IReadOnlyList<AccountWorkspace> Workspaces { get; set; } = [];
}

/// <summary>What must not be seen of a login. It is a class so that no text of it prints what it holds.</summary>
internal sealed class StoredSecrets
{
    /// <summary>The account's secret; null with a token.</summary>
    public byte[]? Account { get; set; }

    /// <summary>The seed of the device key; null with a token.</summary>
    public byte[]? Device { get; set; }

    /// <summary>The refresh token, or the personal token; empty: the session has ended, or none was begun yet.</summary>
    public string Token { get; set; } = "";

    /// <summary>Secrets of earlier generations: keys of workspaces that are not renewed yet come from them.</summary>
    public IReadOnlyList<byte[]> Earlier { get; set; } = [];

    public StoredSecrets With(string token) => new() { Account = Account, Device = Device, Token = token, Earlier = Earlier };

    public override string ToString() => "(secrets)";
}

/// <param name="Version">Of this form; one that is higher was written by a later program.</param>
internal sealed record AccountFile(int Version, IReadOnlyList<StoredLogin> Logins)
{
    public const int CurrentVersion = 1;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountFile))]
[JsonSerializable(typeof(StoredSecrets))]
internal sealed partial class StoredJson : JsonSerializerContext;
