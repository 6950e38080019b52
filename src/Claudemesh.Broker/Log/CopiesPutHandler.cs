using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>Keeps copies that an author left, or that somebody lost. Any member of the scope may bring them: the log says which root is right.</summary>
internal sealed class CopiesPutHandler(CopyStore copies, TimeProvider clock) : IRequestHandler<CopiesPut, CopiesStored>
{
    public async ValueTask<Reply<CopiesStored>> HandleAsync(CopiesPut request, Caller caller, CancellationToken cancellationToken)
    {
        (ScopeState? state, MeshError? unknown) = await ScopeAccess.FindAsync(caller, request.Scope, cancellationToken);
        if (state is null)
            return unknown!;

        if (BatchRules.CheckCopies(state.Log, request.Copies, clock.GetUtcNow().ToUnixTimeMilliseconds()) is { } wrong)
            return wrong;

        int stored = await copies.PutAsync(caller.Workspace.Row.No, request.Scope, request.Copies, caller.Member.Key, cancellationToken);
        // The head may have moved meanwhile: what is asked next is asked of the present state.
        ScopeState present = caller.Workspace.Logs.Find(request.Scope) ?? state;
        PublicKey[] holders = [.. request.Copies.Where(copy => copy.Epoch == present.Log.Epoch).Select(copy => copy.Recipient)];
        HashSet<PublicKey> given = [.. holders.Where(present.Holders.Add)];
        if (given.Count > 0)
            LogNews.CopiesGiven(caller.Workspace, present.Log, given);

        return new CopiesStored(request.Scope, stored);
    }
}
