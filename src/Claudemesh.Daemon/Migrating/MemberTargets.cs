using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Migrating;

/// <summary>The key that a member is to have: the one that comes of the login for its broker; without a login a random one, and that only instead of one of 1.x.</summary>
internal sealed class MemberTargets(IDerivedSeeds derived)
{
    public const string FromLogin = "login";
    public const string Random = "random";

    /// <returns>The caller's to dispose; null: the one that it has.</returns>
    public MemberSecretKey? Find(LiveWorkspace live, MovedIdentity mark)
    {
        using MemberSecretKey? fromLogin = FindDerived(live.Row.Broker, live.Row.MeshId);
        if (fromLogin is not null)
            return fromLogin.Public == live.Identity.Public ? null : MemberSecretKey.FromSeed(fromLogin.Key.ExposeSeed());

        return mark.Origin is MigrationProblems.Legacy && live.Identity.Public == mark.FirstKey ? MemberSecretKey.Generate() : null;
    }

    /// <summary>What a member of 1.x that is not here yet would get.</summary>
    /// <returns>Where it is from, and its public part where that is known.</returns>
    public (string From, string? Key) Foresee(string broker, string meshId)
    {
        using MemberSecretKey? fromLogin = FindDerived(broker, meshId);
        return fromLogin is null ? (Random, null) : (FromLogin, fromLogin.Public.ToString());
    }

    /// <summary>What a member that is here would get; nulls: it has it.</summary>
    public (string? From, string? Key) Foresee(LiveWorkspace live, MovedIdentity mark)
    {
        using MemberSecretKey? target = Find(live, mark);
        if (target is null)
            return (null, null);

        (string from, string? key) = Foresee(live.Row.Broker, live.Row.MeshId);
        return (from, key);
    }

    private MemberSecretKey? FindDerived(string broker, string meshId)
    {
        if (!derived.TryDeriveSeed(broker, meshId, out SecretBytes? seed))
            return null;

        using (seed)
            return MemberSecretKey.FromSeed(seed.Expose());
    }
}
