using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

/// <summary>Shows the chain, or a part of it.</summary>
internal sealed class AuditQueryHandler(AuditStore store) : IRequestHandler<AuditQuery, AuditResult>
{
    public async ValueTask<Reply<AuditResult>> HandleAsync(AuditQuery request, Caller caller, CancellationToken cancellationToken)
    {
        AuditFilter filter = new(caller.Workspace.Row.No, request.EventType, request.After, request.Offset ?? 0, request.Limit ?? AuditQuery.LimitUsual);
        (List<AuditEntry> entries, long total, AuditHead head) = await store.ReadAsync(filter, cancellationToken);
        return new AuditResult([.. entries], total, head);
    }
}
