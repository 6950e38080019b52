using Claudemesh.Crypto;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// Sees to it that everybody who should have a scope's root has a copy: this member by asking for its own, the others by sealing what they lack. Every copy
/// is compared with the log's root id, so it does not matter who made it.
/// </summary>
internal sealed class CopyKeeper(WorkspaceRow row, MemberIdentity identity, BrokerLink link, KeyStore store, TimeProvider clock)
{
    private const int SliceMax = 1000;

    // A broker answers for so many keys at once.
    private const int FormerMax = 8;

    /// <summary>Asks for this member's copies, and seals what others lack. Whoever lacks one is heard of by the others because of this.</summary>
    /// <returns>Why it could not be asked; null also where there is no copy yet.</returns>
    public async Task<LocalProblem?> FetchAsync(ScopeKeys scope, CancellationToken cancellationToken)
    {
        LocalReply<CopiesResult> asked = await link.AskAsync<CopiesGet, CopiesResult>(new CopiesGet(scope.Scope, FindFormer(scope)), cancellationToken);
        if (asked.Value is not { } found)
            return asked.Problem;

        foreach (EpochCopy copy in found.Copies)
        {
            bool isNew = identity.IsOwn(copy.Recipient) && !HoldsExactly(scope, copy.Epoch);
            if (isNew && scope.TryOpenCopy(copy.Epoch, copy.Copy))
                await store.AddCopyAsync(row.No, scope.Scope, copy.Epoch, copy.Copy, CancellationToken.None);
        }

        return found.Missing.Length == 0 ? null : await FinishAsync(scope, found.Epoch, found.Missing, cancellationToken);
    }

    /// <summary>Seals the current root to those of the named who are to have it by the log; nobody else gets one.</summary>
    public async Task<LocalProblem?> FinishAsync(ScopeKeys scope, long epoch, IEnumerable<PublicKey> recipients, CancellationToken cancellationToken)
    {
        Membership state = scope.State;
        if (scope.Fork is not null || epoch != state.Epoch || scope.FindRoot() is not { } root || !state.Members.ContainsKey(identity.Public))
            return null;

        HashSet<PublicKey> may = [.. state.RecipientsAt(clock.GetUtcNow().ToUnixTimeMilliseconds())];
        EpochCopy[] copies = [.. recipients.Where(may.Contains).Select(key => new EpochCopy(epoch, key, Rotation.SealCopy(root, key).Copy))];
        foreach (EpochCopy[] slice in copies.Chunk(SliceMax))
        {
            LocalReply<CopiesStored> stored = await link.AskAsync<CopiesPut, CopiesStored>(new CopiesPut(scope.Scope, slice), cancellationToken);
            if (stored.Problem is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>Keys of before that this scope has known; copies for them are this member's too. Null: there is none.</summary>
    private PublicKey[]? FindFormer(ScopeKeys scope)
    {
        PublicKey[] former = [.. identity.Former.Members.Select(one => one.Public).Where(scope.State.Keys.ContainsKey).Take(FormerMax)];
        return former.Length == 0 ? null : former;
    }

    private static bool HoldsExactly(ScopeKeys scope, long epoch) => scope.FindRoot(epoch) is not null;
}
