using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Account;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>
/// Where a member's key is from: the account of its broker, where this machine is a device of one, else a random seed in the database. A key of the account is
/// not written there: who logs out takes it away.
/// </summary>
internal sealed class MemberKeys(WorkspaceStore store, AccountSecrets accounts)
{
    /// <summary>The broker that this machine is logged in to, where it is one.</summary>
    public string? OnlyAccount => accounts.OnlyBroker;

    /// <summary>The key for a workspace that this person makes or joins: the one kept before, else a new one, on disk before this returns.</summary>
    public async Task<MemberSecretKey> KeepAsync(BrokerAddress broker, string meshId, CancellationToken cancellationToken)
    {
        string address = BrokerHttp.AddressOf(broker);
        if (store.FindSeed(meshId) is { DerivedBy: "" } kept)
            return MemberSecretKey.FromSeed(kept.Seed);

        if (accounts.TryDeriveSeed(address, meshId, out SecretBytes? derived))
        {
            using (derived)
            {
                await store.KeepDerivedAsync(meshId, address, cancellationToken);
                return MemberSecretKey.FromSeed(derived!.Expose());
            }
        }

        return MemberSecretKey.FromSeed(await store.KeepSeedAsync(meshId, RandomBytes.Next(Ed25519.SeedSize), cancellationToken));
    }

    /// <summary>The key of a workspace that is here; null while its account is logged out or shut.</summary>
    public SecretBytes? Find(WorkspaceRow row) => store.FindSeed(row.MeshId) switch
    {
        null => throw new InvalidDataException("A workspace in the database has no member key."),
        { DerivedBy: "" } kept => new SecretBytes(kept.Seed),
        { DerivedBy: var broker } => accounts.TryFindSeed(broker, row.MeshId, row.MemberKey, out SecretBytes? seed) ? seed : null,
    };

    /// <summary>A seed that the account's secret gives anyway is not kept beside it.</summary>
    /// <returns>Whether the account's secret gives it.</returns>
    public async Task<bool> AdoptAsync(WorkspaceRow row, CancellationToken cancellationToken)
    {
        if (!accounts.TryFindSeed(row.Broker, row.MeshId, row.MemberKey, out SecretBytes? seed))
            return false;

        seed!.Dispose();
        if (store.FindSeed(row.MeshId) is { DerivedBy: "" })
            await store.KeepDerivedAsync(row.MeshId, row.Broker, cancellationToken);
        return true;
    }
}
