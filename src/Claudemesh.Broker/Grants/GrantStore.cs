using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Grants;

/// <param name="Sender">A member's or a session's key.</param>
internal sealed record Grant(MemberNo Recipient, PublicKey Sender, Capability Capabilities);

/// <summary>What members let others do to them, where that is not the default.</summary>
internal sealed class GrantStore(Database database)
{
    public ValueTask<List<Grant>> ListAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            "SELECT recipient_no, sender_pubkey, capabilities FROM member_grant WHERE mesh_no = @mesh",
            row => new Grant(new MemberNo(row.GetInt64(0)), PublicKey.Parse(row.GetString(1)), (Capability)row.GetInt64(2)),
            ("@mesh", mesh.Value)),
        cancellationToken);

    /// <summary>Changes one grant as it stands when its turn comes, so that two devices of a member do not undo each other's.</summary>
    /// <returns>What holds now.</returns>
    public Task<Capability> ChangeAsync(
        MeshNo mesh, MemberNo recipient, PublicKey sender, Func<Capability, Capability> change, CancellationToken cancellationToken, AuditActor? by = null) =>
        database.WriteAsync(
            scope =>
            {
                Capability before = (Capability)(scope.Sql.FindNumber(
                    "SELECT capabilities FROM member_grant WHERE mesh_no = @mesh AND recipient_no = @recipient AND sender_pubkey = @sender",
                    ("@mesh", mesh.Value), ("@recipient", recipient.Value), ("@sender", sender.ToString())) ?? (long)Capability.Default);
                Capability after = change(before);
                Set(scope, mesh, recipient, sender, after == Capability.Default ? null : after);
                if (after != before)
                {
                    AuditStore.Append(scope, mesh, new AuditEvent(
                        AuditTypes.GrantsChanged, by ?? AuditActor.Broker, new JsonObject { ["targetPubkey"] = sender.ToString(), ["capabilities"] = (int)after }));
                }

                return after;
            },
            cancellationToken);

    /// <param name="capabilities">Null: the default holds again.</param>
    public Task SetAsync(
        MeshNo mesh, MemberNo recipient, PublicKey sender, Capability? capabilities, CancellationToken cancellationToken) =>
        database.WriteAsync(scope => Set(scope, mesh, recipient, sender, capabilities), cancellationToken);

    private static int Set(WriteScope scope, MeshNo mesh, MemberNo recipient, PublicKey sender, Capability? capabilities) => capabilities is { } given
        ? scope.Sql.Execute(
            """
            INSERT INTO member_grant (mesh_no, recipient_no, sender_pubkey, capabilities)
            VALUES (@mesh, @recipient, @sender, @capabilities)
            ON CONFLICT (mesh_no, recipient_no, sender_pubkey) DO UPDATE SET capabilities = @capabilities
            """,
            ("@mesh", mesh.Value), ("@recipient", recipient.Value), ("@sender", sender.ToString()), ("@capabilities", (long)given))
        : scope.Sql.Execute(
            "DELETE FROM member_grant WHERE mesh_no = @mesh AND recipient_no = @recipient AND sender_pubkey = @sender",
            ("@mesh", mesh.Value), ("@recipient", recipient.Value), ("@sender", sender.ToString()));
}
