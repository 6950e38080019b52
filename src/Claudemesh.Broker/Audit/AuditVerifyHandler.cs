using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

/// <summary>Computes the chain anew.</summary>
internal sealed class AuditVerifyHandler(AuditStore store) : IRequestHandler<AuditVerify, AuditVerifyResult>
{
    public async ValueTask<Reply<AuditVerifyResult>> HandleAsync(AuditVerify request, Caller caller, CancellationToken cancellationToken) =>
        await store.VerifyAsync(caller.Workspace.Row.No, caller.Workspace.Id.Value, cancellationToken);
}
