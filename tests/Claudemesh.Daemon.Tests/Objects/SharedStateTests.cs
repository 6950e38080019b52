using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Objects;

/// <summary>Values that members keep in common, sealed. Two daemons and the broker itself.</summary>
public sealed class SharedStateTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_value_is_seen_by_the_others_with_its_writer_and_revision()
    {
        SharedState set = await alice.SetAsync("deploy", """{"version":2,"ready":true}""");
        await bob.SeesAsync("deploy", seen => seen.Revision == 1);
        SharedState seen = (await bob.FindStateAsync("deploy"))!;

        Assert.Equal((1, true, "alice", null), (set.Revision, set.Encrypted, set.WrittenBy, set.Trouble));
        Assert.Equal("""{"version":2,"ready":true}""", seen.Value!.Value.GetRawText());
        Assert.Equal(("acme", "deploy", "alice", true, false), (seen.Workspace, seen.Key, seen.WrittenBy, seen.Encrypted, seen.Deleted));
        Assert.Equal((await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces[0].MemberKey, seen.WriterKey);
    }

    [Fact]
    public async Task Reading_needs_no_broker_also_after_a_restart_and_writing_says_that_it_does()
    {
        await alice.SetAsync("k", "1");
        await bob.SeesAsync("k", _ => true);
        await broker.StopAsync();
        await bob.RestartAsync();

        Assert.Equal(1, (await bob.FindStateAsync("k"))!.Value!.Value.GetInt32());
        LocalReply<SharedState> refused = await bob.Client.ChangeStateAsync(new ChangeState("k", Keeping.Json("2")), default);

        Assert.Equal((LocalErrors.BrokerUnreachable, (int)ExitCode.Network, true), (refused.Problem?.Error, refused.Problem?.ExitCode, refused.Problem?.Retryable));
        Assert.Equal(1, (await bob.FindStateAsync("k"))!.Value!.Value.GetInt32());
    }

    [Fact]
    public async Task What_changed_while_a_daemon_was_away_is_there_when_it_comes_back_each_as_it_is_now()
    {
        await alice.SetAsync("a", "1");
        await bob.SeesAsync("a", _ => true);
        await bob.StopAsync();
        await alice.SetAsync("a", "2");
        await alice.SetAsync("a", "3");
        await alice.SetAsync("b", "\"new\"");
        await Ok.Async(alice.Client.DeleteStateAsync("b", null, null, default));
        await alice.SetAsync("c", "true");
        await bob.RestartAsync();

        await bob.SeesAsync("c", _ => true);
        SharedStateList all = await Ok.Async(bob.Client.ListStateAsync(null, null, default));
        Assert.Equal([("a", "3", 3), ("c", "true", 1)], all.Entries.Select(entry => (entry.Key, entry.Value!.Value.GetRawText(), entry.Revision)));
    }

    [Fact]
    public async Task A_write_after_another_revision_than_the_present_is_refused_with_what_there_is()
    {
        await alice.SetAsync("k", "1", ifRevision: 0);
        await bob.SeesAsync("k", _ => true);
        await bob.SetAsync("k", "\"two\"", ifRevision: 1);

        // Alice may not have heard of it yet: the broker has.
        LocalReply<SharedState> late = await alice.Client.ChangeStateAsync(new ChangeState("k", Keeping.Json("3"), IfRevision: 1), default);
        LocalReply<SharedState> exists = await alice.Client.ChangeStateAsync(new ChangeState("k", Keeping.Json("3"), IfRevision: 0), default);

        Assert.Equal((LocalErrors.RevisionConflict, (int)ExitCode.Exists), (late.Problem?.Error, late.Problem?.ExitCode));
        Assert.Equal(("two", 2L), (late.Problem!.Current!.Value.GetString(), late.Problem.CurrentRevision));
        Assert.Contains("revision 2 with the value \"two\"", late.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(LocalErrors.RevisionConflict, exists.Problem?.Error);
        Assert.Equal(3, (await alice.SetAsync("k", "3", ifRevision: 2)).Revision);
    }

    [Fact]
    public async Task Of_two_who_write_after_the_same_revision_one_succeeds_and_who_does_not_care_always_does()
    {
        await alice.SetAsync("k", "0");
        await bob.SeesAsync("k", _ => true);
        for (int round = 1; round <= 5; round++)
        {
            LocalReply<SharedState>[] both = await Task.WhenAll(
                alice.Client.ChangeStateAsync(new ChangeState("k", Keeping.Json("\"a\""), IfRevision: round), default),
                bob.Client.ChangeStateAsync(new ChangeState("k", Keeping.Json("\"b\""), IfRevision: round), default));
            Assert.Single(both, reply => reply.Succeeded);
            Assert.Single(both, reply => reply.Problem?.Error == LocalErrors.RevisionConflict);
        }

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? alice : bob).SetAsync("free", i.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        await alice.SeesAsync("free", seen => seen.Revision >= 6);
    }

    [Fact]
    public async Task A_deleted_value_is_gone_everywhere_and_its_revisions_go_on()
    {
        await alice.SetAsync("k", "1");
        await bob.SeesAsync("k", _ => true);

        SharedState deleted = await Ok.Async(bob.Client.DeleteStateAsync("k", null, 1, default));
        await Eventually.TrueAsync("it is gone for alice", async () => await alice.FindStateAsync("k") is null);
        LocalReply<SharedState> again = await alice.Client.DeleteStateAsync("k", null, null, default);

        Assert.Equal((true, null, 2), (deleted.Deleted, deleted.Value, deleted.Revision));
        Assert.Equal((LocalErrors.StateNotFound, (int)ExitCode.NotFound), (again.Problem?.Error, again.Problem?.ExitCode));
        Assert.Equal(3, (await alice.SetAsync("k", "2", ifRevision: 0)).Revision);
    }

    [Fact]
    public async Task Who_follows_the_events_is_told_of_each_value_at_once()
    {
        using var ended = new CancellationTokenSource(TestSocket.Patience);
        SharedState? told = null;
        await foreach (LocalReply<LocalEvent> happened in bob.Client.FollowAsync(null, null, null, _ => alice.SetAsync("k", "\"live\""), ended.Token))
        {
            told = happened.Value?.State;
            if (told is not null)
                break;
        }

        Assert.Equal(("k", "live", 1), (told!.Key, told.Value!.Value.GetString(), told.Revision));
        await ended.CancelAsync();
    }

    [Theory]
    [InlineData("", "1", "A key is 1 to 256 characters")]
    [InlineData("a\nb", "1", "A key is 1 to 256 characters")]
    [InlineData("k", "null", "value is any JSON but null")]
    public async Task What_cannot_be_kept_is_refused_with_what_can(string key, string json, string why)
    {
        LocalReply<SharedState> reply = await alice.Client.ChangeStateAsync(new ChangeState(key, Keeping.Json(json)), default);
        Assert.Equal((int)ExitCode.BadArguments, reply.Problem?.ExitCode);
        Assert.Contains(why, reply.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_told_with_the_near_one()
    {
        await alice.SetAsync("deploy", "1");
        LocalReply<SharedStateList> reply = await alice.Client.ListStateAsync(null, "deplyo", default);
        Assert.Equal("There is no value deplyo in acme. Did you mean 'deploy'?", reply.Problem?.Detail);
        Assert.Equal((int)ExitCode.NotFound, reply.Problem?.ExitCode);
    }

    [Fact]
    public async Task Who_joins_later_reads_what_was_kept_before()
    {
        await alice.SetAsync("k", "\"before\"");
        await alice.KeepAsync("kept before");
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        await Ok.Async(carol.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "carol"), default));

        await carol.SeesAsync("k", seen => seen.Value!.Value.GetString() == "before");
        Assert.Equal(["kept before"], await carol.RecallAsync("kept"));
    }
}
