using System.Globalization;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>What of this device's knowledge is in the vault, and what of the vault this device takes over.</summary>
internal sealed class VaultFacts(JoinedWorkspaces workspaces, OldKeyStore oldKeys)
{
    public VaultContent Gather(Login login)
    {
        var content = new VaultContent();
        IReadOnlyList<byte[]> earlier = login.Keys?.Secrets.Earlier ?? [];
        for (int i = 0; i < earlier.Count; i++)
            content.Secrets[(login.Stored.Generation - 1 - i).ToString(CultureInfo.InvariantCulture)] = earlier[i];
        foreach (LiveWorkspace workspace in Of(login))
            content.Workspaces[workspace.Row.MeshId] = Gather(workspace);
        return content;
    }

    /// <param name="notes">Told where this device sees another log than the others.</param>
    public async Task TakeAsync(Login login, VaultContent content, List<string> notes, CancellationToken cancellationToken)
    {
        foreach (LiveWorkspace workspace in Of(login))
        {
            if (!content.Workspaces.TryGetValue(workspace.Row.MeshId, out VaultWorkspace? known))
                continue;

            foreach ((string scope, VaultHead head) in known.Heads)
            {
                if (Digest.TryParse(head.Hash, out Digest hash)
                    && workspace.Keys.All.FirstOrDefault(one => one.Scope == scope) is { } keys
                    && keys.Compare(new LogHead(head.Seq, hash, head.At)) is LogDistance.Differs)
                    notes.Add($"{workspace.Row.Slug}: your other devices have read another log of {scope} than the one that this machine is shown. Compare it: claudemesh log verify -w {workspace.Row.Slug}");
            }

            await TakeMarksAsync(workspace.Pins, known, cancellationToken);
            await TakeOldKeysAsync(login, workspace.Row.MeshId, content, cancellationToken);
        }
    }

    /// <summary>What the member had before, by its own keys or by secrets of the account: it opens what is still on its way to them, from the next start on.</summary>
    public Task TakeOldKeysAsync(Login login, string meshId, VaultContent content, CancellationToken cancellationToken)
    {
        HashSet<PublicKey> here = [.. oldKeys.List(meshId).Select(old => old.Public)];
        List<byte[]> seeds = [.. (content.Workspaces.GetValueOrDefault(meshId)?.OldKeys.Values ?? Enumerable.Empty<byte[]>()).Where(seed => seed.Length == Ed25519.SeedSize)];
        foreach (byte[] secret in content.Secrets.Values.Where(one => one.Length == AccountSecret.Size))
        {
            using var earlier = new AccountSecret(secret);
            using MemberSecretKey member = earlier.DeriveMember(login.Stored.UserId, meshId);
            seeds.Add(member.Key.ExposeSeed().ToArray());
        }

        seeds.RemoveAll(seed => IsHere(here, seed));
        return seeds.Count == 0 ? Task.CompletedTask : oldKeys.AddMembersAsync(meshId, seeds, cancellationToken);
    }

    private static bool IsHere(HashSet<PublicKey> here, byte[] seed)
    {
        using SigningKey key = SigningKey.FromSeed(seed);
        return here.Contains(key.Public);
    }

    private IEnumerable<LiveWorkspace> Of(Login login) => workspaces.All.Where(one => login.Serves(one.Row.Broker));

    private VaultWorkspace Gather(LiveWorkspace workspace)
    {
        var facts = new VaultWorkspace { Pin = workspace.Keys.Mesh.State is { Head.Seq: > 0 } state ? state.Pin.ToString() : null };
        foreach (ScopeKeys scope in workspace.Keys.All.Where(one => one.State.Head.Seq > 0 && one.Fork is null))
            facts.Heads[scope.Scope] = new VaultHead(scope.State.Head.Seq, scope.State.Head.Hash.ToString(), scope.State.Head.At);
        foreach (OldKey old in oldKeys.List(workspace.Row.MeshId).Where(one => !one.IsSession))
            facts.OldKeys[old.Public.ToString()] = old.Seed;
        foreach (Contact contact in workspace.Pins.All)
        {
            if (contact.VerifiedAt is { } at)
                facts.Verified[contact.Key.ToString()] = new VaultMark(at, contact.Name);
        }

        return facts;
    }

    private static async Task TakeMarksAsync(PinBook pins, VaultWorkspace known, CancellationToken cancellationToken)
    {
        foreach ((string hex, VaultMark mark) in known.Verified)
        {
            if (PublicKey.TryParse(hex, out PublicKey key) && pins.Find(key)?.VerifiedAt != mark.At)
                await pins.TakeVerifiedAsync(key, mark.Name ?? hex[..8], mark.At, cancellationToken);
        }

        foreach (Contact contact in pins.All.Where(one => one.VerifiedAt is not null && !known.Verified.ContainsKey(one.Key.ToString())).ToArray())
            await pins.MarkVerifiedAsync(contact.Key, verified: false, cancellationToken);
    }
}
