using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>What each verb prints, for people and as JSON.</summary>
public sealed class PrintedTests
{
    [Theory]
    [InlineData("new", "new acme")]
    [InlineData("join", "join http://127.0.0.1:7900/join/token")]
    [InlineData("invite", "invite --uses 5")]
    [InlineData("list", "list")]
    [InlineData("peers", "peers")]
    [InlineData("send", "send bob hello")]
    [InlineData("inbox", "inbox")]
    [InlineData("msg-status", "msg-status 019ab3c4")]
    [InlineData("status", "status")]
    [InlineData("daemon-status", "daemon status")]
    [InlineData("inbox-flush", "inbox flush --before 30d")]
    [InlineData("inbox-delete", "inbox delete 0000A3f9")]
    [InlineData("verify", "verify")]
    [InlineData("verify-confirm", "verify bob --confirm")]
    [InlineData("summary", "summary")]
    [InlineData("summary-set", "summary fixing the build")]
    [InlineData("status-set", "status set idle")]
    [InlineData("visible", "visible")]
    [InlineData("visible-off", "visible off")]
    [InlineData("profile", "profile")]
    [InlineData("profile-set", "profile --title Engineer")]
    [InlineData("group-list", "group list")]
    [InlineData("group-join", "group join backend --role lead")]
    [InlineData("group-leave", "group leave @backend")]
    [InlineData("version", "version")]
    [InlineData("kick", "kick bob --yes")]
    [InlineData("disconnect", "disconnect --stale 30m --yes")]
    [InlineData("ban", "ban bob --yes")]
    [InlineData("unban", "unban bob")]
    [InlineData("bans", "bans")]
    [InlineData("block", "block bob")]
    [InlineData("unblock", "unblock bob")]
    [InlineData("grant", "grant bob dm")]
    [InlineData("revoke", "revoke bob dm")]
    [InlineData("grants", "grants")]
    [InlineData("invite-list", "invite list")]
    [InlineData("invite-revoke", "invite revoke q3Z")]
    [InlineData("rename", "rename acme acme-labs")]
    [InlineData("leave", "leave acme --yes")]
    [InlineData("invite-create", "invite create")]
    [InlineData("invite-legacy", "invite --legacy")]
    [InlineData("member-list", "member list")]
    [InlineData("member-admit", "member admit carol")]
    [InlineData("member-role", "member role bob owner --yes")]
    [InlineData("member-remove", "member remove bob --yes")]
    [InlineData("rotate", "rotate")]
    [InlineData("log-show", "log show")]
    [InlineData("log-verify", "log verify")]
    [InlineData("workspace-archive", "workspace archive acme")]
    [InlineData("workspace-unarchive", "workspace unarchive acme")]
    [InlineData("workspace-transfer", "workspace transfer bob --yes")]
    [InlineData("workspace-delete", "workspace delete acme --yes acme")]
    [InlineData("audit-tail", "audit tail")]
    [InlineData("audit-verify", "audit verify")]
    [InlineData("session-list", "session list")]
    [InlineData("session-limit", "session limit billing --allow read,send")]
    [InlineData("send-group", "send @backend release")]
    [InlineData("daemon-reconnect", "daemon reconnect")]
    [InlineData("topic-create", "topic create deploys")]
    [InlineData("topic-list", "topic list")]
    [InlineData("topic-join", "topic join #deploys")]
    [InlineData("topic-leave", "topic leave deploys --yes")]
    [InlineData("topic-members", "topic members deploys")]
    [InlineData("topic-history", "topic history deploys")]
    [InlineData("topic-read", "topic read deploys")]
    [InlineData("topic-rename", "topic rename releases deploys")]
    [InlineData("topic-admit", "topic admit incident-7 carol")]
    [InlineData("topic-role", "topic role incident-7 carol member")]
    [InlineData("topic-remove", "topic remove incident-7 carol --yes")]
    [InlineData("state-set", "state set deploy true")]
    [InlineData("state-list", "state list")]
    [InlineData("state-delete", "state delete deploy")]
    [InlineData("remember", "remember something --tag db")]
    [InlineData("recall", "recall staging database")]
    [InlineData("forget", "forget 019ab3c4")]
    public async Task A_verb_prints_what_its_golden_files_say(string name, string line)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk);

        Seen people = await desk.TypeAsync(line.Split(' '));
        Seen json = await desk.TypeAsync([.. line.Split(' '), "--json"]);

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok, ""), (people.Code, people.Error, json.Code, json.Error));
        Golden.Matches(name + ".txt", people.Output);
        Golden.Matches(name + ".json", json.Output);
    }

    [Fact]
    public async Task A_forked_log_ends_verify_with_the_code_of_a_refusal()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "GET", LocalRoutes.LogCheck, Samples.LogCheck with { Sound = false, Fault = "The broker shows another log." }, LocalJson.Default.LogCheck);

        Seen people = await desk.TypeAsync("log", "verify");
        Seen json = await desk.TypeAsync("log", "verify", "--json=sound");

        Assert.Equal((ExitCode.Denied, ExitCode.Denied), (people.Code, json.Code));
        Assert.Contains("IS NOT SOUND", people.Output, StringComparison.Ordinal);
        Assert.Contains("The broker shows another log.", people.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_chain_that_is_not_sound_ends_verify_with_the_code_of_a_refusal()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "GET", LocalRoutes.AuditCheck, new AuditCheck("acme", false, 3, Samples.BobKey, 4, 9, "Its end was cut off."), LocalJson.Default.AuditCheck);

        Seen people = await desk.TypeAsync("audit", "verify");
        Seen json = await desk.TypeAsync("audit", "verify", "--json=sound");

        Assert.Equal((ExitCode.Denied, ExitCode.Denied), (people.Code, json.Code));
        Assert.Contains("IS NOT SOUND from entry 4 on\n  Its end was cut off.", people.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_joins_without_the_secret_and_whose_workspace_is_forked_is_told()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("POST", LocalRoutes.Join, Samples.Acme with { Waiting = true }, LocalJson.Default.Workspace)
            .Answers("GET", LocalRoutes.Workspaces, new WorkspaceList([Samples.Acme with { Forked = true }, Samples.Acme with { Slug = "b", Waiting = true }]), LocalJson.Default.WorkspaceList);

        Assert.Contains("claudemesh member admit a11ce", (await desk.TypeAsync("join", "mesh.example.org/i/0123456789abcdef")).Output, StringComparison.Ordinal);
        string list = (await desk.TypeAsync("list")).Output;
        Assert.Contains("FORKED: claudemesh log verify -w acme", list, StringComparison.Ordinal);
        Assert.Contains("waiting to be let in", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_answer_is_said_in_words()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Workspaces, new WorkspaceList([]), LocalJson.Default.WorkspaceList)
            .Answers("GET", LocalRoutes.Peers, new PeerList([], []), LocalJson.Default.PeerList)
            .Answers("GET", LocalRoutes.Bans, new BanList([]), LocalJson.Default.BanList)
            .Answers("GET", LocalRoutes.Invites, new InviteList([]), LocalJson.Default.InviteList)
            .Answers("GET", LocalRoutes.Grants, new GrantList([]), LocalJson.Default.GrantList)
            .Answers("GET", LocalRoutes.State, new SharedStateList([]), LocalJson.Default.SharedStateList)
            .Answers("GET", LocalRoutes.Memories, new MemoryList([]), LocalJson.Default.MemoryList)
            .Answers("GET", LocalRoutes.Inbox, new InboxPage([], 0, false), LocalJson.Default.InboxPage);

        Assert.Contains("claudemesh new NAME", (await desk.TypeAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal("Nobody is online.\n", (await desk.TypeAsync("peers")).Output);
        Assert.Equal("Nobody is banned.\n", (await desk.TypeAsync("bans")).Output);
        Assert.Equal("No invite is open: claudemesh invite makes one.\n", (await desk.TypeAsync("invite", "list")).Output);
        Assert.StartsWith("Everybody may do what is the default", (await desk.TypeAsync("grants")).Output, StringComparison.Ordinal);
        Assert.Equal("Nothing is set: claudemesh state set KEY VALUE.\n", (await desk.TypeAsync("state", "list")).Output);
        Assert.Equal("Nothing that was kept has these words.\n", (await desk.TypeAsync("recall", "x")).Output);
        Assert.Equal("Nothing was kept yet: claudemesh remember TEXT.\n", (await desk.TypeAsync("memory", "list")).Output);
        Assert.Equal("Nothing unread.\n", (await desk.TypeAsync("inbox", "--unread")).Output);
    }

    [Fact]
    [Trait("issue", "1")]
    public async Task Peers_of_a_broker_that_is_away_are_listed_with_since_when_and_where()
    {
        using var desk = new Desk();
        var list = new PeerList(Samples.Peers.Peers, [new("acme", Desk.Now.AddMinutes(-12), "The broker http://mesh cannot be reached. Nobody answers there."), new("other", null)]);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.Peers, list, LocalJson.Default.PeerList);

        Seen people = await desk.TypeAsync("peers");
        Seen json = await desk.TypeAsync("peers", "--json=name");

        Assert.Equal(
            (ExitCode.Ok,
            "claudemesh: Who is listed in acme was online 12m ago. The broker http://mesh cannot be reached. Nobody answers there.\n"
            + "claudemesh: Who is online in other is not known, and has not been since the daemon started. Its broker cannot be reached now.\n"),
            (people.Code, people.Error));
        Golden.Matches("peers.txt", people.Output);
        Assert.Equal(
            """{"schema_version":"1.0","peers":[{"name":"alice"},{"name":"bob"}],"stale":[{"workspace":"acme","stale_since":"2026-03-03T14:18:00+00:00","why":"The broker http://mesh cannot be reached. Nobody answers there."},{"workspace":"other","stale_since":null,"why":null}]}""" + "\n",
            json.Output);
    }

    [Fact]
    public async Task Nobody_is_said_to_be_offline_whose_broker_was_not_reached()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Peers, new PeerList([], [new("acme", null)]), LocalJson.Default.PeerList);

        Assert.Equal("", (await desk.TypeAsync("peers")).Output);
    }

    [Fact]
    public async Task Json_prints_only_the_fields_asked_for_in_the_order_asked()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk);

        Seen rows = await desk.TypeAsync("peers", "--json=status,name,session_id");
        Seen record = await desk.TypeAsync("invite", "--json=url");

        Assert.Equal(
            """{"schema_version":"1.0","peers":[{"status":"idle","name":"alice","session_id":null},{"status":"working","name":"bob","session_id":"s1"}],"stale":[]}""" + "\n",
            rows.Output);
        Assert.Equal("""{"schema_version":"1.0","url":"http://127.0.0.1:7900/i/q3Zb0fWx#3.secret"}""" + "\n", record.Output);
    }

    [Fact]
    public async Task A_field_that_does_not_exist_is_refused_before_anything_is_done()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk);

        Seen seen = await desk.TypeAsync("send", "bob", "hello", "--json=stat");

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains("There is no field 'stat' to print; there are: client_message_id", seen.Output, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    [Trait("cli", "7 wiring: an option that swallows the word after it")]
    public async Task The_word_after_a_bare_json_option_is_not_its_value()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk);

        Seen seen = await desk.TypeAsync("send", "--json", "bob", "hello");

        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Contains("\"to\":\"bob\",\"text\":\"hello\"", daemon.Requests.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peers_text_cannot_command_the_terminal()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "GET", LocalRoutes.Inbox, new InboxPage([Samples.FromBob with { Sender = "b\e]0;x\ab", Text = "a\e[2Jb\r\nc\u202Ed" }], 0, false), LocalJson.Default.InboxPage);

        Seen seen = await desk.TypeAsync("inbox");

        Assert.DoesNotContain('\e', seen.Output);
        Assert.DoesNotContain('\a', seen.Output);
        Assert.DoesNotContain('\u202E', seen.Output);
        Assert.Contains("  a\uFFFD[2Jb\n  c\uFFFDd\n", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_one_line_with_whom_it_could_mean_and_the_daemons_exit_code()
    {
        using var desk = new Desk();
        var problem = new LocalProblem(LocalErrors.AmbiguousName, "There are two bobs.", 409, (int)ExitCode.BadArguments,
            [new("acme", "bob", Samples.BobKey, "person"), new("other", "bob", "other/bob", "bot")]);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Refuses("POST", LocalRoutes.Send, problem);

        Seen people = await desk.TypeAsync("send", "bob", "hi");
        Seen json = await desk.TypeAsync("send", "bob", "hi", "--json");

        Assert.Equal(("", ExitCode.BadArguments), (people.Output, people.Code));
        Assert.Equal($"claudemesh: There are two bobs.\n  {Samples.BobKey}  bob (person in acme)\n  other/bob  bob (bot in other)\n", people.Error);
        Assert.Equal(("", ExitCode.BadArguments), (json.Error, json.Code));
        Golden.Matches("problem.json", json.Output);
    }

    private static ScriptedDaemon Scripted(Desk desk) => new ScriptedDaemon(desk.Home)
        .Answers("POST", LocalRoutes.Workspaces, Samples.Acme, LocalJson.Default.Workspace)
        .Answers("POST", LocalRoutes.Join, Samples.Acme with { Role = "member" }, LocalJson.Default.Workspace)
        .Answers("POST", LocalRoutes.Invites, Samples.Invite, LocalJson.Default.Invite)
        .Answers("GET", LocalRoutes.Workspaces, new WorkspaceList([Samples.Acme]), LocalJson.Default.WorkspaceList)
        .Answers("GET", LocalRoutes.Members, Samples.Members, LocalJson.Default.MemberList)
        .Answers("POST", LocalRoutes.Admit, Samples.Changed with { Name = "carol", Role = "member" }, LocalJson.Default.ChangedMember)
        .Answers("POST", LocalRoutes.ChangeRole, Samples.Changed with { Role = "owner" }, LocalJson.Default.ChangedMember)
        .Answers("POST", LocalRoutes.RemoveMember, Samples.Changed, LocalJson.Default.ChangedMember)
        .Answers("POST", LocalRoutes.Rotate, new RotatedKeys("acme", 3, 42), LocalJson.Default.RotatedKeys)
        .Answers("GET", LocalRoutes.Log, Samples.Log, LocalJson.Default.LogListing)
        .Answers("GET", LocalRoutes.LogCheck, Samples.LogCheck, LocalJson.Default.LogCheck)
        .Answers("GET", LocalRoutes.Peers, Samples.Peers, LocalJson.Default.PeerList)
        .Answers("POST", LocalRoutes.Send, Samples.Sent, LocalJson.Default.SendResult)
        .Answers("POST", LocalRoutes.State, Samples.Deploy, LocalJson.Default.SharedState)
        .Answers("GET", LocalRoutes.State, Samples.State, LocalJson.Default.SharedStateList)
        .Answers("DELETE", LocalRoutes.State, Samples.Deploy with { Value = null, Deleted = true, Revision = 5 }, LocalJson.Default.SharedState)
        .Answers("POST", LocalRoutes.Memories, Samples.Remembered, LocalJson.Default.Memory)
        .Answers("GET", LocalRoutes.Memories, Samples.Memories, LocalJson.Default.MemoryList)
        .Answers("DELETE", LocalRoutes.Memories + "/019ab3c4", new ForgottenMemory("acme", Samples.Remembered.Id), LocalJson.Default.ForgottenMemory)
        .Answers("GET", LocalRoutes.Inbox, Samples.Inbox, LocalJson.Default.InboxPage)
        .Answers("GET", LocalRoutes.Messages + "/019ab3c4", Samples.Status, LocalJson.Default.MessageStatus)
        .Answers("POST", LocalRoutes.Kick, Samples.Taken, LocalJson.Default.TakenOff)
        .Answers("POST", LocalRoutes.Disconnect, Samples.Taken with { Affected = [], Skipped = [] }, LocalJson.Default.TakenOff)
        .Answers("POST", LocalRoutes.Bans, Samples.Banned, LocalJson.Default.BannedMember)
        .Answers("DELETE", LocalRoutes.Bans + "/bob", Samples.Banned, LocalJson.Default.BannedMember)
        .Answers("GET", LocalRoutes.Bans, new BanList([new("acme", "bob", Samples.BobKey, Desk.Now)]), LocalJson.Default.BanList)
        .Answers("POST", LocalRoutes.Grants, Samples.Grant, LocalJson.Default.PeerGrant)
        .Answers("GET", LocalRoutes.Grants, new GrantList([Samples.Grant, Samples.Blocked with { Name = "carol" }]), LocalJson.Default.GrantList)
        .Answers("GET", LocalRoutes.Invites, Samples.Invites, LocalJson.Default.InviteList)
        .Answers("DELETE", LocalRoutes.Invites + "/q3Z", new RevokedInvite("acme", "q3Zb0fWx"), LocalJson.Default.RevokedInvite)
        .Answers("POST", LocalRoutes.Rename, Samples.Acme with { Slug = "acme-labs" }, LocalJson.Default.Workspace)
        .Answers("POST", LocalRoutes.Leave, new LeftWorkspace("acme", true), LocalJson.Default.LeftWorkspace)
        .Answers("POST", LocalRoutes.Archive, Samples.Acme with { ArchivedAt = Desk.Now }, LocalJson.Default.Workspace)
        .Answers("POST", LocalRoutes.DeleteWorkspace, new LeftWorkspace("acme", true), LocalJson.Default.LeftWorkspace)
        .Answers("GET", LocalRoutes.Audit, Samples.Audit, LocalJson.Default.AuditListing)
        .Answers("GET", LocalRoutes.AuditCheck, new AuditCheck("acme", true, 12, Samples.BobKey, null, 9, null), LocalJson.Default.AuditCheck)
        .Answers("GET", LocalRoutes.Sessions, Samples.Sessions, LocalJson.Default.SessionList)
        .Answers("POST", LocalRoutes.SessionLimit, Samples.Sessions.Sessions[0], LocalJson.Default.Session)
        .Answers("POST", LocalRoutes.Reconnect, Samples.Reconnected, LocalJson.Default.Reconnected)
        .Answers("GET", LocalRoutes.Self, new SelfList([Samples.Alice, Samples.Alice with { Workspace = "other", Session = "s1", Name = "billing", Summary = null, Visible = false, Profile = new(), Groups = [] }]), LocalJson.Default.SelfList)
        .Answers("POST", LocalRoutes.Self, Samples.Alice with { Told = false }, LocalJson.Default.Self)
        .Answers("GET", LocalRoutes.Safety, Samples.Safety, LocalJson.Default.SafetyList)
        .Answers("POST", LocalRoutes.Safety, new SafetyList([Samples.WithBob with { Verified = true, VerifiedAt = Desk.Now }]), LocalJson.Default.SafetyList)
        .Answers("DELETE", LocalRoutes.Inbox, new InboxRemoved("acme", 12), LocalJson.Default.InboxRemoved)
        .Answers("DELETE", LocalRoutes.Inbox + "/0000A3f9", new InboxRemoved("acme", 1), LocalJson.Default.InboxRemoved)
        .Answers("GET", LocalRoutes.Groups, Samples.Groups, LocalJson.Default.GroupList)
        .Answers("POST", LocalRoutes.Topics, new CreatedTopic(Samples.Deploys, true), LocalJson.Default.CreatedTopic)
        .Answers("GET", LocalRoutes.Topics, Samples.Topics, LocalJson.Default.ListedTopics)
        .Answers("POST", LocalRoutes.TopicJoin, Samples.Deploys with { Role = TopicRoles.Member }, LocalJson.Default.Topic)
        .Answers("POST", LocalRoutes.TopicLeave, new LeftTopic("acme", "deploys"), LocalJson.Default.LeftTopic)
        .Answers("GET", LocalRoutes.TopicMembers, Samples.InDeploys, LocalJson.Default.TopicPeople)
        .Answers("POST", LocalRoutes.TopicMembers, Samples.Carol, LocalJson.Default.TopicMemberChanged)
        .Answers("GET", LocalRoutes.TopicHistory, Samples.Posts, LocalJson.Default.PostPage)
        .Answers("POST", LocalRoutes.TopicRead, Samples.Deploys with { Unread = 0 }, LocalJson.Default.Topic)
        .Answers("POST", LocalRoutes.TopicChange, Samples.Deploys, LocalJson.Default.Topic)
        .Answers("GET", LocalRoutes.Status, Samples.Daemon, LocalJson.Default.DaemonStatus);
}
