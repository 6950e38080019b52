namespace Claudemesh.Daemon.Account;

/// <summary>
/// Brings together what this device knows and what the others wrote. What changed here since both were last alike counts, else what the others have; a log is
/// known as far as anybody has read it, and a pin never changes.
/// </summary>
internal static class VaultMerge
{
    /// <param name="agreed">What both sides had when they were last alike; empty before the first time.</param>
    /// <param name="here">What this device knows now.</param>
    /// <param name="there">What the broker has; its unknown fields stay.</param>
    public static VaultContent Of(VaultContent agreed, VaultContent here, VaultContent there)
    {
        var merged = new VaultContent { V = Math.Max(there.V, here.V), More = there.More };
        foreach ((string generation, byte[] secret) in there.Secrets.Concat(here.Secrets))
            merged.Secrets.TryAdd(generation, secret);

        foreach (string meshId in there.Workspaces.Keys.Union(here.Workspaces.Keys, StringComparer.Ordinal))
        {
            VaultWorkspace? theirs = there.Workspaces.GetValueOrDefault(meshId);
            merged.Workspaces[meshId] = here.Workspaces.GetValueOrDefault(meshId) is { } ours
                ? Of(agreed.Workspaces.GetValueOrDefault(meshId) ?? new VaultWorkspace(), ours, theirs ?? new VaultWorkspace())
                : theirs!;
        }

        return merged;
    }

    private static VaultWorkspace Of(VaultWorkspace agreed, VaultWorkspace here, VaultWorkspace there)
    {
        var merged = new VaultWorkspace { Pin = there.Pin ?? here.Pin, More = there.More };
        foreach (string scope in there.Heads.Keys.Union(here.Heads.Keys, StringComparer.Ordinal))
        {
            VaultHead? ours = here.Heads.GetValueOrDefault(scope);
            VaultHead? theirs = there.Heads.GetValueOrDefault(scope);
            merged.Heads[scope] = ours is null || (theirs is not null && theirs.Seq >= ours.Seq) ? theirs! : ours;
        }

        foreach ((string key, byte[] seed) in there.OldKeys.Concat(here.OldKeys))
            merged.OldKeys.TryAdd(key, seed);

        foreach (string key in there.Verified.Keys.Union(here.Verified.Keys, StringComparer.Ordinal))
        {
            VaultMark? ours = here.Verified.GetValueOrDefault(key);
            bool changedHere = ours?.At != agreed.Verified.GetValueOrDefault(key)?.At;
            if ((changedHere ? ours : there.Verified.GetValueOrDefault(key)) is { } mark)
                merged.Verified[key] = mark;
        }

        return merged;
    }
}
