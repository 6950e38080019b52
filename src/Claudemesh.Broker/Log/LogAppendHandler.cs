using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Log;

/// <summary>
/// Appends for anybody who may read the log: who may say what is signed in the records and judged by the log's rules, so records that a restored
/// broker has lost may come again from any member who holds them.
/// </summary>
internal sealed partial class LogAppendHandler(LogAppends appends, ILogger<LogAppendHandler> logger) : IRequestHandler<LogAppend, LogAppended>
{
    public async ValueTask<Reply<LogAppended>> HandleAsync(LogAppend request, Caller caller, CancellationToken cancellationToken)
    {
        (ScopeState? state, MeshError? unknown) = await ScopeAccess.FindAsync(caller, request.Scope, cancellationToken);
        if (state is null)
            return unknown!;

        LogOutcome outcome = await appends.AppendAsync(
            caller.Workspace, new LogBatch(request.Scope, request.Records, request.Copies, request.Packages) { By = AuditActor.Of(caller) }, first: null, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return refusal;

        LogExtended(caller.Member.Id.Value, request.Records.Length, caller.Workspace.Id.Value, request.Scope, outcome.Head.Seq);
        return Reply<LogAppended>.Last(new LogAppended(request.Scope, outcome.Head.Seq, outcome.Head.Hash), outcome.Answered);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} appended {Count} records to the log of {Mesh} {Scope}, which ends at {Seq} now")]
    private partial void LogExtended(string member, int count, string mesh, string scope, long seq);
}
