using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>Gives records of a log to those who may read it, as they were appended.</summary>
internal sealed class LogReadHandler(LogPages pages) : IRequestHandler<LogRead, LogPage>
{
    public async ValueTask<Reply<LogPage>> HandleAsync(LogRead request, Caller caller, CancellationToken cancellationToken)
    {
        (ScopeState? state, MeshError? unknown) = await ScopeAccess.FindAsync(caller, request.Scope, cancellationToken);
        return state is null
            ? unknown!
            : await pages.ReadAsync(caller.Workspace, state, request.After, request.Count ?? LogAppend.RecordsMax, cancellationToken);
    }
}
