using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.TestKit;

/// <summary>What somebody does to a broker's audit chains who can write into its database.</summary>
public static class AuditTampering
{
    public static Task TamperAsync(this TestBroker broker, string sql) =>
        broker.Services.GetRequiredService<Database>().WriteAsync(scope => scope.Sql.Execute(sql), CancellationToken.None);

    /// <summary>As many entries, sound in themselves, that tell something else.</summary>
    public static Task RewriteAuditAsync(this TestBroker broker) => broker.Services.GetRequiredService<Database>().WriteAsync(
        scope =>
        {
            foreach ((long mesh, long count) in scope.Sql.List("SELECT mesh_no, seq FROM audit_head", static row => (row.GetInt64(0), row.GetInt64(1))))
            {
                scope.Sql.Execute("DELETE FROM audit_event WHERE mesh_no = @mesh", ("@mesh", mesh));
                scope.Sql.Execute("DELETE FROM audit_head WHERE mesh_no = @mesh", ("@mesh", mesh));
                for (long i = 0; i < count; i++)
                    AuditStore.Append(scope, new MeshNo(mesh), new AuditEvent("nothing", AuditActor.Broker, new JsonObject { ["n"] = i }));
            }

            return true;
        },
        CancellationToken.None);
}
