using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Writes who is out of a workspace, and who is in again.</summary>
internal sealed class RemovalStore(Database database)
{
    /// <summary>Ends every open invite in the same transaction: the member may hold any of them.</summary>
    /// <returns>When.</returns>
    public Task<DateTimeOffset> BanAsync(MeshNo mesh, MeshMember member, AuditActor by, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            Remove(scope, member.No, banned: true);
            InviteStore.EndAll(scope, mesh);
            AuditStore.Append(scope, mesh, new AuditEvent(AuditTypes.MemberBanned, by, Target(member)));
            return scope.Now.ToTime();
        },
        cancellationToken);

    /// <summary>
    /// A member leaves; the invites that others were given stay. With an owner, who must be the last, the workspace ends as if he had
    /// deleted it.
    /// </summary>
    /// <returns>When, or why not.</returns>
    public Task<(DateTimeOffset? LeftAt, MeshError? Refusal)> LeaveAsync(MeshNo mesh, MeshMember member, AuditActor by, CancellationToken cancellationToken) =>
        database.WriteAsync<(DateTimeOffset?, MeshError?)>(
            scope =>
            {
                if (member.Role == MemberRole.Owner)
                {
                    if (HasOthers(scope, mesh, member.No))
                        return (null, MeshError.OwnerMustStay);

                    InviteStore.EndAll(scope, mesh);
                    WorkspaceStore.End(scope, mesh);
                }

                Remove(scope, member.No, banned: false);
                AuditStore.Append(scope, mesh, new AuditEvent(AuditTypes.MemberLeft, by, Target(member)));
                return (scope.Now.ToTime(), null);
            },
            cancellationToken);

    public Task ReturnAsync(MeshNo mesh, MeshMember member, AuditActor by, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            scope.Sql.Execute("UPDATE member SET removed_at = NULL, banned = 0 WHERE no = @member", ("@member", member.No.Value));
            TopicRows.SeatInGeneral(scope, member.No);
            AuditStore.Append(scope, mesh, new AuditEvent(AuditTypes.MemberUnbanned, by, Target(member)));
            return true;
        },
        cancellationToken);

    private static JsonObject Target(MeshMember member) => new() { ["target"] = member.Id.Value, ["targetPubkey"] = member.Key.ToString() };

    private static bool HasOthers(WriteScope scope, MeshNo mesh, MemberNo member) => scope.Sql.FindNumber(
        "SELECT no FROM member WHERE mesh_no = @mesh AND removed_at IS NULL AND no <> @member LIMIT 1",
        ("@mesh", mesh.Value), ("@member", member.Value)) is not null;

    /// <summary>Part of another write.</summary>
    public static void Remove(WriteScope scope, MemberNo member, bool banned)
    {
        scope.Sql.Execute(
            "UPDATE member SET removed_at = @now, banned = @banned WHERE no = @member",
            ("@now", scope.Now.Micros), ("@banned", banned ? 1L : 0L), ("@member", member.Value));
        TopicRows.LeaveAll(scope, member);
        ApiKeyStore.RevokeAll(scope, member);
    }
}
