using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>
/// Gives a member the copies that were sealed to his keys, and tells for whom the current epoch has none. If that is he himself, the others'
/// devices hear of it.
/// </summary>
internal sealed class CopiesGetHandler(CopyStore copies, TimeProvider clock) : IRequestHandler<CopiesGet, CopiesResult>
{
    private const int EpochsMax = 64;
    private const int MissingMax = 1_000;

    public async ValueTask<Reply<CopiesResult>> HandleAsync(CopiesGet request, Caller caller, CancellationToken cancellationToken)
    {
        (ScopeState? state, MeshError? refusal) = await ScopeAccess.FindAsync(caller, request.Scope, cancellationToken);
        if (state is null)
            return refusal!;

        PublicKey own = caller.Member.Key;
        PublicKey[] keys = [own, .. (request.Keys ?? []).Where(key => key != own).Distinct()];
        if (FindForeign(state.Log, caller.Member, keys) is { } foreign)
            return MeshError.Forbidden.With($"The copies of {foreign} are forbidden for you: the log does not say that this key was yours.");

        List<EpochCopy> found = [];
        foreach (PublicKey key in keys)
            found.AddRange(await copies.ListAsync(caller.Workspace.Row.No, request.Scope, key, EpochsMax, cancellationToken));

        PublicKey[] missing = await FindMissingAsync(caller.Workspace, state, cancellationToken);
        if (missing.Contains(own) && state.MayAsk(own, clock.GetUtcNow()))
            LogNews.CopiesWanted(caller.Workspace, state.Log, own, caller.Connection);

        EpochCopy[] newest = [.. found.OrderByDescending(static copy => copy.Epoch).Take(EpochsMax)];
        return new CopiesResult(request.Scope, newest, state.Log.Epoch, [.. missing.Take(MissingMax)]);
    }

    private static PublicKey? FindForeign(Membership log, MeshMember member, PublicKey[] keys)
    {
        foreach (PublicKey key in keys)
        {
            if (key != member.Key && !(log.Keys.TryGetValue(key, out KeyPast? past) && past.MemberId == member.Id.Value))
                return key;
        }

        return null;
    }

    private async ValueTask<PublicKey[]> FindMissingAsync(Workspace workspace, ScopeState state, CancellationToken cancellationToken)
    {
        Membership log = state.Log;
        if (log.Epoch == 0)
            return [];

        // Others wait for the same read, so it goes on when the one who asked first goes away.
        await state.Holders.FillAsync(
            () => copies.ListRecipientsAsync(workspace.Row.No, log.Scope, log.Epoch, CancellationToken.None).AsTask()).WaitAsync(cancellationToken);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        IEnumerable<PublicKey> invited = log.Invites.Values.Where(invite => invite.IsOpenAt(now)).Select(static invite => invite.Key);
        return [.. log.Members.Keys.Concat(invited).Where(recipient => !state.Holders.Contains(recipient)).Order()];
    }
}
