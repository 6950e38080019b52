using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Log;

/// <summary>What is asked of the broker past its doors, as a capability of its own would.</summary>
internal static class ScopeFixture
{
    public static async Task<Workspace> OpenAsync(TestMesh mesh) =>
        (await mesh.Broker.Services.GetRequiredService<OpenWorkspaces>().FindAsync(MeshId.Parse(mesh.Id), CancellationToken.None))!;

    /// <summary>What the broker's own database says.</summary>
    public static ValueTask<long?> NumberAsync(TestMesh mesh, string sql) =>
        mesh.Broker.Services.GetRequiredService<Database>().ReadAsync((Sql read) => read.FindNumber(sql), CancellationToken.None);

    /// <summary>Appends to a scope that no door opens: the log of a private topic, which is made with its topic.</summary>
    public static async Task AppendAsync(TestMesh mesh, LogDraft draft)
    {
        LogBatch batch = new(draft.State.Scope, [.. draft.Records.Select(record => record.Signed)]);
        LogOutcome outcome = await mesh.Broker.Services.GetRequiredService<LogAppends>()
            .AppendAsync(await OpenAsync(mesh), batch, write => Make(write, draft), CancellationToken.None);
        Assert.Null(outcome.Refusal);
    }

    /// <summary>The topic, with the first of its records.</summary>
    private static MeshError? Make(WriteScope write, LogDraft draft)
    {
        MeshNo mesh = new(write.Sql.FindNumber("SELECT no FROM mesh WHERE id = @id", ("@id", draft.State.MeshId))!.Value);
        string id = draft.State.Scope["topic/".Length..];
        if (TopicStore.Find(write.Sql, mesh, id) is null)
            TopicRows.Add(write, new NewTopic(mesh, id, TopicName.Parse("private"), Description: null, TopicVisibility.Private));
        return null;
    }
}
