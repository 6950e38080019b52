using System.Diagnostics.CodeAnalysis;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Account;

/// <summary>Member keys that come from an account's secret: the same on each of its machines (keys.md 3).</summary>
internal sealed class AccountSecrets(AccountHome home) : IDerivedSeeds
{
    /// <summary>The broker of the only login; null where there is none, or several.</summary>
    public string? OnlyBroker => home.All is [var only] ? only.Stored.Broker : null;

    /// <summary>The member's seed in a workspace on that broker; false where this machine is no device of an account there now.</summary>
    /// <param name="seed">The caller's to dispose.</param>
    public bool TryDeriveSeed(string broker, string meshId, [NotNullWhen(true)] out SecretBytes? seed)
    {
        seed = null;
        if (home.Find(broker) is not { IsToken: false } login || login.Keys?.Derive(login.Stored.UserId, meshId) is not { } member)
            return false;

        using (member)
            seed = new SecretBytes(member.Key.ExposeSeed());
        return true;
    }

    /// <summary>The seed of a certain member key, from the account's secret or from an earlier one.</summary>
    public bool TryFindSeed(string broker, string meshId, PublicKey key, [NotNullWhen(true)] out SecretBytes? seed)
    {
        seed = null;
        if (home.Find(broker) is not { } login || login.Keys?.Find(login.Stored.UserId, meshId, key) is not { } member)
            return false;

        using (member)
            seed = new SecretBytes(member.Key.ExposeSeed());
        return true;
    }
}
