using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

internal static class AuditMessages
{
    public static MessageRoutes MapAudit(this MessageRoutes routes) => routes
        .Handle<AuditQueryHandler, AuditQuery, AuditResult>(Operation.ReadAudit)
        .Handle<AuditVerifyHandler, AuditVerify, AuditVerifyResult>(Operation.ReadAudit);
}
