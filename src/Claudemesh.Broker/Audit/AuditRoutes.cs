using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

/// <summary>The chain over REST: enough to compute it anew.</summary>
internal static class AuditRoutes
{
    private static readonly RestParameter After = new("after", "The id of the last entry that you have; usually 0, for none.", ParameterKind.Number);
    private static readonly RestParameter Count = new("limit", $"1 to {AuditQuery.LimitMax} entries; usually {AuditQuery.LimitUsual}.", ParameterKind.Number);

    public static RestRoutes MapAudit(this RestRoutes routes) => routes
        .Add(new("GET", "/audit", Operation.ReadAudit, KeyReach.Workspace,
            "Reads what was done in the workspace and by whom, in its order; each entry's hash covers the one before.", ReadAsync)
        {
            Query = [After, Count],
            Reply = typeof(AuditPage),
        })
        .Add(new("GET", "/audit/head", Operation.ReadAudit, KeyReach.Workspace,
            "Tells where the chain ends: keep it, and you notice when it is cut or written anew.", ReadHeadAsync) { Reply = typeof(AuditHead) });

    private static async Task ReadAsync(RestCall call)
    {
        AuditQuery request = new(
            call.Number(Count.Name, 1, AuditQuery.LimitMax, AuditQuery.LimitUsual), After: call.Number(After.Name, 0, int.MaxValue, 0));
        if (call.Fault is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        Reply<AuditResult> reply = await call.AskAsync<AuditQueryHandler, AuditQuery, AuditResult>(request);
        await (reply.Value is { } read ? call.AnswerAsync(new AuditPage(read.Entries, read.Head!)) : call.RefuseAsync(reply.Error!));
    }

    private static async Task ReadHeadAsync(RestCall call) =>
        await call.AnswerAsync(await call.Get<AuditStore>().ReadHeadAsync(call.Workspace.Row.No, call.Aborted));
}
