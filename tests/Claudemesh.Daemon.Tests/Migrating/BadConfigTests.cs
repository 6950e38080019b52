using System.Text.Json.Nodes;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Migrating;

/// <summary>Configurations that are none, keys that nobody knows, brokers that are away: one clear line each, and the others go on.</summary>
public sealed class BadConfigTests : IAsyncLifetime
{
    private MigrationScene scene = null!;

    public async ValueTask InitializeAsync() => scene = await MigrationScene.StartAsync();

    public ValueTask DisposeAsync() => scene.DisposeAsync();

    [Theory]
    [InlineData("", "is not JSON")]
    [InlineData("{\"version\":1,", "is not JSON")]
    [InlineData("[]", "no configuration of 1.x")]
    [InlineData("{}", "no configuration of 1.x")]
    [InlineData("{\"version\":1,\"meshes\":{}}", "no configuration of 1.x")]
    [InlineData("{\"version\":7,\"meshes\":[]}", "this program knows 1")]
    public async Task A_file_of_another_form_is_refused_whole(string text, string words)
    {
        scene.WriteConfig(text);
        foreach (string action in new[] { MigrationActions.Plan, MigrationActions.Apply })
            Assert.Contains(words, await RefusedAsync(action), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_read_or_that_is_a_link_or_a_folder_or_not_there_is_refused()
    {
        File.SetUnixFileMode(scene.Config, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", await RefusedAsync(MigrationActions.Apply), StringComparison.Ordinal);

        string real = scene.Config + ".real";
        File.Move(scene.Config, real);
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Contains("There is no", await RefusedAsync(MigrationActions.Apply), StringComparison.Ordinal);
        File.CreateSymbolicLink(scene.Config, real);
        Assert.Contains("symbolic link", await RefusedAsync(MigrationActions.Apply), StringComparison.Ordinal);
        File.Delete(scene.Config);
        Directory.CreateDirectory(scene.Config);
        Assert.Contains("is a folder", await RefusedAsync(MigrationActions.Apply), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("meshId", null, "`meshId`")]
    [InlineData("meshId", "a b", "`meshId`")]
    [InlineData("memberId", "", "`memberId`")]
    [InlineData("pubkey", "zz", "`pubkey`")]
    [InlineData("pubkey", "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29", "is not that of its `secretKey`")]
    [InlineData("secretKey", "00", "128 hexadecimal digits")]
    [InlineData("brokerUrl", "nowhere", "`brokerUrl`")]
    public async Task An_entry_with_a_fault_is_told_and_the_others_are_taken(string field, string? value, string words)
    {
        JsonObject wrong = scene.Mou.Describe();
        wrong[field] = value;
        scene.WriteConfig(JsonValue.Create("not an object"), wrong, scene.Bob.Describe());

        MigrationReport report = await scene.RunAsync(MigrationActions.Apply);
        Assert.Equal(["failed", "failed", "moved"], report.Members.Select(member => member.State));
        Assert.Contains("no object", report.Members[0].Says, StringComparison.Ordinal);
        Assert.Contains(words, report.Members[1].Says, StringComparison.Ordinal);
        Assert.Contains("meshes[1]", report.Members[1].Workspace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_key_whose_halves_do_not_belong_together_is_refused()
    {
        JsonObject wrong = scene.Bob.Describe();
        wrong["secretKey"] = ((string)wrong["secretKey"]!)[..64] + scene.Mou.Public;
        scene.WriteConfig(wrong);
        Assert.Contains("two halves", (await scene.RunForOneAsync(MigrationActions.Plan)).Says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_away_does_not_keep_the_others_and_is_done_with_the_next_call()
    {
        await using TestBroker second = await TestBroker.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: second, log: LogKind.Mixed);
        using LegacyPerson there = LegacyPerson.Of(await other.AddMemberAsync("bob", legacy: true));
        scene.WriteConfig(there.Describe(), scene.Bob.Describe());
        await other.CloseOwnerAsync();
        await second.StopAsync();

        MigrationReport first = await scene.RunAsync(MigrationActions.Apply);
        Assert.Equal([("failed", "broker_unreachable"), ("moved", null)], first.Members.Select(member => (member.State, member.Problem?.Error)));
        Assert.Single((await Ok.Async(scene.Machine.Client.ListWorkspacesAsync(default))).Workspaces);

        await second.StartAgainAsync();
        MigrationReport again = await scene.RunAsync(MigrationActions.Apply);
        Assert.Equal(["moved", "moved"], again.Members.Select(member => member.State));
        Assert.Equal(first.Members[1].Key, again.Members[1].Key);
    }

    [Fact]
    public async Task A_workspace_or_key_that_the_broker_does_not_know_and_one_that_it_removed_are_told()
    {
        JsonObject unknown = scene.Bob.Describe();
        unknown["meshId"] = "0123456789abcdef";
        scene.WriteConfig(unknown);
        foreach (string action in new[] { MigrationActions.Plan, MigrationActions.Apply })
            Assert.Contains("knows no such workspace", (await scene.RunForOneAsync(action)).Says, StringComparison.Ordinal);

        await scene.Mesh.Log.ReadOnAsync();
        await scene.Mesh.Log.RemoveAsync(scene.Bob.Key.Public);
        scene.WriteConfig(scene.Bob.Describe());
        foreach (string action in new[] { MigrationActions.Plan, MigrationActions.Apply })
            Assert.Contains("was removed from", (await scene.RunForOneAsync(action)).Says, StringComparison.Ordinal);
        Assert.Empty((await Ok.Async(scene.Machine.Client.ListWorkspacesAsync(default))).Workspaces);
    }

    [Fact]
    public async Task Who_is_in_the_workspace_as_another_member_already_keeps_that()
    {
        TestInvite invite = await scene.Mesh.Log.InviteAsync();
        string link = new Crypto.InviteLink(scene.Mesh.Broker.Url.ToString().TrimEnd('/'), invite.Id, invite.Secret).ToTextWithSecret();
        Workspace joined = await Ok.Async(scene.Machine.Client.JoinWorkspaceAsync(new JoinWorkspace(link, "bob again"), default));

        MigrationStep refused = await scene.RunForOneAsync(MigrationActions.Apply);
        Assert.Equal(("failed", LocalErrors.WorkspaceExists), (refused.State, refused.Problem!.Error));
        Assert.Equal(joined.MemberKey, (await scene.OwnAsync()).MemberKey);
    }

    [Fact]
    public async Task A_socket_of_one_workspace_does_not_read_the_configuration()
    {
        await scene.RunForOneAsync(MigrationActions.Apply);
        LocalReply<MigrationReport> refused = await scene.Machine.At((await scene.OwnAsync()).Slug)
            .MigrateIdentityAsync(new MigrateIdentity(MigrationActions.Plan, scene.Config), default);
        Assert.Equal(LocalErrors.Forbidden, refused.Problem!.Error);
    }

    [Theory]
    [InlineData("now", null)]
    [InlineData("plan", "config.json")]
    public async Task What_the_verb_never_asks_is_refused(string action, string? from) => Assert.Equal(
        LocalErrors.InvalidRequest, (await scene.Machine.Client.MigrateIdentityAsync(new MigrateIdentity(action, from), default)).Problem!.Error);

    private async Task<string> RefusedAsync(string action) =>
        (await scene.Machine.Client.MigrateIdentityAsync(new MigrateIdentity(action, scene.Config), default)).Problem!.Detail;
}
