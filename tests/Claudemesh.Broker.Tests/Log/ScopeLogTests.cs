using Claudemesh.Broker.Log;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Log;

public sealed class ScopeLogTests
{
    [Fact]
    public async Task Logs_of_topics_are_kept_while_they_are_used_up_to_a_bound_and_read_again_afterwards()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        Workspace workspace = await ScopeFixture.OpenAsync(mesh);
        int over = ScopeLogs.TopicsMax + 1;
        await WriteTopicsAsync(mesh, workspace, over);

        for (int i = 0; i < over; i++)
        {
            await workspace.Logs.GetAsync(Scope(0), CancellationToken.None);
            Assert.Equal(1, (await workspace.Logs.GetAsync(Scope(i), CancellationToken.None)).Log.Head.Seq);
        }

        Assert.Equal(ScopeLogs.TopicsMax, workspace.Logs.TopicCount);
        Assert.NotNull(workspace.Logs.Find(Scope(0)));
        Assert.Null(workspace.Logs.Find(Scope(1)));
        Assert.Equal(1, (await workspace.Logs.GetAsync(Scope(1), CancellationToken.None)).Log.Head.Seq);
    }

    [Fact]
    public async Task Asking_for_topics_that_are_not_there_keeps_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        ScopeLogs logs = (await ScopeFixture.OpenAsync(mesh)).Logs;

        for (int i = 0; i < 20; i++)
            Assert.True((await logs.GetAsync(Scope(i), CancellationToken.None)).IsEmpty);

        Assert.Equal(0, logs.TopicCount);
    }

    [Theory]
    [InlineData("the capability refuses")]
    [InlineData("the log refuses")]
    [InlineData("neither refuses")]
    public async Task What_a_capability_writes_with_the_records_is_written_with_them_or_not_at_all(string who)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        Workspace workspace = await ScopeFixture.OpenAsync(mesh);
        LogDraft draft = mesh.Log.Draft(new LogBody.Policy(EncryptionRequired: false, TopicId: null, PlainIn: false));
        LogDraft hidden = mesh.Log.Draft(new LogBody.Policy(EncryptionRequired: true, TopicId: null, PlainIn: false));

        LogOutcome outcome = await mesh.Broker.Services.GetRequiredService<LogAppends>().AppendAsync(
            workspace,
            new LogBatch("mesh", [draft.Records[0].Signed]),
            write =>
            {
                write.Sql.Execute("UPDATE mesh SET name = 'changed' WHERE no = @no", ("@no", workspace.Row.No.Value));

                // A record that the memory knows nothing of: only the transaction can find it.
                if (who is "the log refuses")
                    LogStore.TryAppend(write, workspace.Row.No, "mesh", hidden.Records);
                return who is "the capability refuses" ? MeshError.SlugUnavailable : null;
            },
            CancellationToken.None);

        string? code = who switch { "the capability refuses" => "slug_unavailable", "the log refuses" => "log_moved", _ => null };
        int written = code is null ? 1 : 0;
        Assert.Equal(code, outcome.Refusal?.Code);
        Assert.Equal(written, await ScopeFixture.NumberAsync(mesh, "SELECT count(*) FROM mesh WHERE name = 'changed'"));
        Assert.Equal(2 + written, await ScopeFixture.NumberAsync(mesh, "SELECT count(*) FROM log_record"));
    }

    private static string Scope(int topic) => $"topic/t{topic}";

    private static LogDraft Topic(TestMesh mesh, string id)
    {
        LogDraft draft = new(Membership.Empty(mesh.Id, RootReference.TopicScope(id)), mesh.OwnerKey, mesh.Log.Now, mesh.Log.State);
        draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), EncryptionRequired: true, mesh.OwnerId));
        return draft;
    }

    private static Task<int> WriteTopicsAsync(TestMesh mesh, Workspace workspace, int count) =>
        mesh.Broker.Services.GetRequiredService<Database>().WriteAsync(
            write => Enumerable.Range(0, count).Count(i => LogStore.TryAppend(write, workspace.Row.No, Scope(i), Topic(mesh, $"t{i}").Records)),
            CancellationToken.None);
}
