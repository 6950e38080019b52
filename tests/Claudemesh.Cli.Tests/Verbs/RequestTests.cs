using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>What the other verbs ask the daemon.</summary>
public sealed class RequestTests
{
    [Theory]
    [InlineData("new acme --broker http://127.0.0.1:1 --as Alice", "POST /v1/workspaces", """{"name":"acme","broker":"http://127.0.0.1:1","display_name":"Alice","mixed":false}""")]
    [InlineData("new acme --mixed", "POST /v1/workspaces", """{"name":"acme","broker":null,"display_name":null,"mixed":true}""")]
    [InlineData("join ic://join/x", "POST /v1/workspaces/join", """{"link":"ic://join/x","display_name":null}""")]
    [InlineData("invite --uses 5 --expires 12h -w acme", "POST /v1/invites", """{"workspace":"acme","uses":5,"expires_in_seconds":43200,"role":"member","legacy":false,"mail_to":null}""")]
    [InlineData("invite create --role admin --legacy", "POST /v1/invites", """{"workspace":null,"uses":1,"expires_in_seconds":604800,"role":"admin","legacy":true,"mail_to":null}""")]
    [InlineData("member list -w acme", "GET /v1/members?workspace=acme", "")]
    [InlineData("member admit carol --role admin", "POST /v1/members/admit", """{"peer":"carol","role":"admin","workspace":null}""")]
    [InlineData("member role bob admin -w acme", "POST /v1/members/role", """{"peer":"bob","role":"admin","workspace":"acme"}""")]
    [InlineData("member role bob owner --yes", "POST /v1/members/role", """{"peer":"bob","role":"owner","workspace":null}""")]
    [InlineData("member remove bob --reason gone --yes", "POST /v1/members/remove", """{"peer":"bob","reason":"gone","workspace":null}""")]
    [InlineData("member ban bob --yes", "POST /v1/bans", """{"peer":"bob","reason":null,"workspace":null}""")]
    [InlineData("rotate", "POST /v1/rotate", """{"workspace":null,"history":true}""")]
    [InlineData("rotate --no-history -w acme", "POST /v1/rotate", """{"workspace":"acme","history":false}""")]
    [InlineData("log show -w acme", "GET /v1/log?workspace=acme", "")]
    [InlineData("log verify", "GET /v1/log/check", "")]
    [InlineData("kick bob -w acme --yes", "POST /v1/kick", """{"peer":"bob","all":false,"stale_seconds":null,"workspace":"acme"}""")]
    [InlineData("kick --stale 30m -y", "POST /v1/kick", """{"peer":null,"all":false,"stale_seconds":1800,"workspace":null}""")]
    [InlineData("disconnect --all --yes", "POST /v1/disconnect", """{"peer":null,"all":true,"stale_seconds":null,"workspace":null}""")]
    [InlineData("ban bob --reason spam --yes", "POST /v1/bans", """{"peer":"bob","reason":"spam","workspace":null}""")]
    [InlineData("unban bob -w acme", "DELETE /v1/bans/bob?workspace=acme", "")]
    [InlineData("bans -w acme", "GET /v1/bans?workspace=acme", "")]
    [InlineData("block bob", "POST /v1/grants", """{"peer":"bob","give":null,"take":["all"],"reset":false,"workspace":null}""")]
    [InlineData("unblock bob", "POST /v1/grants", """{"peer":"bob","give":null,"take":null,"reset":true,"workspace":null}""")]
    [InlineData("grant bob dm file-read -w acme", "POST /v1/grants", """{"peer":"bob","give":["dm","file-read"],"take":null,"reset":false,"workspace":"acme"}""")]
    [InlineData("revoke bob all", "POST /v1/grants", """{"peer":"bob","give":null,"take":["all"],"reset":false,"workspace":null}""")]
    [InlineData("grants", "GET /v1/grants", "")]
    [InlineData("invite list", "GET /v1/invites", "")]
    [InlineData("invite revoke q3Z -w acme", "DELETE /v1/invites/q3Z?workspace=acme", "")]
    [InlineData("rename acme labs --title Labs", "POST /v1/workspaces/rename", """{"workspace":"acme","slug":"labs","name":"Labs"}""")]
    [InlineData("leave acme --here-only -y", "POST /v1/workspaces/leave", """{"workspace":"acme","here_only":true}""")]
    [InlineData("invite --mail ann@example.org", "POST /v1/invites", """{"workspace":null,"uses":1,"expires_in_seconds":604800,"role":"member","legacy":false,"mail_to":"ann@example.org"}""")]
    [InlineData("workspace create acme", "POST /v1/workspaces", """{"name":"acme","broker":null,"display_name":null,"mixed":false}""")]
    [InlineData("workspace list", "GET /v1/workspaces", "")]
    [InlineData("workspace rename acme labs", "POST /v1/workspaces/rename", """{"workspace":"acme","slug":"labs","name":null}""")]
    [InlineData("workspace leave acme --yes", "POST /v1/workspaces/leave", """{"workspace":"acme","here_only":false}""")]
    [InlineData("workspace archive acme", "POST /v1/workspaces/archive", """{"workspace":"acme","archived":true}""")]
    [InlineData("workspace unarchive acme", "POST /v1/workspaces/archive", """{"workspace":"acme","archived":false}""")]
    [InlineData("workspace transfer bob -w acme --yes", "POST /v1/members/role", """{"peer":"bob","role":"owner","workspace":"acme"}""")]
    [InlineData("workspace delete acme --yes acme", "POST /v1/workspaces/delete", """{"workspace":"acme","confirm":"acme"}""")]
    [InlineData("audit tail --limit 5 -w acme", "GET /v1/audit?limit=5&workspace=acme", "")]
    [InlineData("audit tail --follow", "GET /v1/audit?limit=20", "")]
    [InlineData("audit verify -w acme", "GET /v1/audit/check?workspace=acme", "")]
    [InlineData("session list", "GET /v1/sessions", "")]
    [InlineData("session limit billing --allow read,send", "POST /v1/sessions/limit", """{"session":"billing","allow":["read","send"],"deny":null,"none":false,"lift":false}""")]
    [InlineData("session limit billing --deny admin", "POST /v1/sessions/limit", """{"session":"billing","allow":null,"deny":["admin"],"none":false,"lift":false}""")]
    [InlineData("session limit billing --none", "POST /v1/sessions/limit", """{"session":"billing","allow":null,"deny":null,"none":true,"lift":false}""")]
    [InlineData("session limit billing --lift", "POST /v1/sessions/limit", """{"session":"billing","allow":null,"deny":null,"none":false,"lift":true}""")]
    [InlineData("daemon reconnect -w acme", "POST /v1/reconnect", """{"workspace":"acme"}""")]
    [InlineData("topic create deploys --description x -w acme", "POST /v1/topics", """{"name":"deploys","description":"x","visibility":"public","with":null,"workspace":"acme"}""")]
    [InlineData("topic create i7 --private --with bob --with carol", "POST /v1/topics", """{"name":"i7","description":null,"visibility":"private","with":["bob","carol"],"workspace":null}""")]
    [InlineData("topic create --dm bob", "POST /v1/topics", """{"name":null,"description":null,"visibility":"dm","with":["bob"],"workspace":null}""")]
    [InlineData("topic list --archived -w acme", "GET /v1/topics?workspace=acme&archived=true", "")]
    [InlineData("topic join #deploys --observer", "POST /v1/topics/join", """{"topic":"#deploys","observer":true,"workspace":null}""")]
    [InlineData("topic leave deploys -w acme -y", "POST /v1/topics/leave", """{"topic":"deploys","workspace":"acme"}""")]
    [InlineData("topic members #deploys -w acme", "GET /v1/topics/members?topic=%23deploys&workspace=acme", "")]
    [InlineData("topic history deploys --limit 5 --before 0000A3f9", "GET /v1/topics/history?topic=deploys&limit=5&before=0000A3f9", "")]
    [InlineData("topic tail deploys --limit 5 -w acme", "GET /v1/topics/history?topic=deploys&workspace=acme&limit=5", "")]
    [InlineData("topic read deploys --through 0000A3f9", "POST /v1/topics/read", """{"topic":"deploys","through":"0000A3f9","workspace":null}""")]
    [InlineData("topic archive deploys", "POST /v1/topics/change", """{"topic":"deploys","name":null,"description":null,"archived":true,"retention_days":null,"plain":null,"workspace":null}""")]
    [InlineData("topic unarchive deploys", "POST /v1/topics/change", """{"topic":"deploys","name":null,"description":null,"archived":false,"retention_days":null,"plain":null,"workspace":null}""")]
    [InlineData("topic rename deploys releases", "POST /v1/topics/change", """{"topic":"deploys","name":"releases","description":null,"archived":null,"retention_days":null,"plain":null,"workspace":null}""")]
    [InlineData("topic describe deploys what goes out -w acme", "POST /v1/topics/change", """{"topic":"deploys","name":null,"description":"what goes out","archived":null,"retention_days":null,"plain":null,"workspace":"acme"}""")]
    [InlineData("topic retain deploys 90", "POST /v1/topics/change", """{"topic":"deploys","name":null,"description":null,"archived":null,"retention_days":90,"plain":null,"workspace":null}""")]
    [InlineData("topic policy deploys plain yes", "POST /v1/topics/change", """{"topic":"deploys","name":null,"description":null,"archived":null,"retention_days":null,"plain":true,"workspace":null}""")]
    [InlineData("topic policy deploys plain no", "POST /v1/topics/change", """{"topic":"deploys","name":null,"description":null,"archived":null,"retention_days":null,"plain":false,"workspace":null}""")]
    [InlineData("topic admit i7 carol", "POST /v1/topics/members", """{"topic":"i7","member":"carol","change":"admit","role":"member","workspace":null}""")]
    [InlineData("topic role i7 carol lead -w acme", "POST /v1/topics/members", """{"topic":"i7","member":"carol","change":"role","role":"lead","workspace":"acme"}""")]
    [InlineData("topic remove i7 carol --yes", "POST /v1/topics/members", """{"topic":"i7","member":"carol","change":"remove","role":null,"workspace":null}""")]
    [InlineData("peers -w acme", "GET /v1/peers?workspace=acme", "")]
    [InlineData("inbox --unread --limit 3 -w acme", "GET /v1/inbox?limit=3&unread=true&mark_seen=true&workspace=acme", "")]
    [InlineData("summary", "GET /v1/self?member=false", "")]
    [InlineData("summary fixing the build", "POST /v1/self", """{"about":{"workspace":null,"session":null,"member":false,"caller":null},"name":null,"status":null,"summary":"fixing the build","visible":null,"profile":null,"join":null,"leave":null}""")]
    [InlineData("summary --clear -w acme --session billing", "POST /v1/self", """{"about":{"workspace":"acme","session":"billing","member":false,"caller":null},"name":null,"status":null,"summary":"","visible":null,"profile":null,"join":null,"leave":null}""")]
    [InlineData("status set dnd --member", "POST /v1/self", """{"about":{"workspace":null,"session":null,"member":true,"caller":null},"name":null,"status":"dnd","summary":null,"visible":null,"profile":null,"join":null,"leave":null}""")]
    [InlineData("visible off", "POST /v1/self", """{"about":{"workspace":null,"session":null,"member":false,"caller":null},"name":null,"status":null,"summary":null,"visible":false,"profile":null,"join":null,"leave":null}""")]
    [InlineData("visible -w acme", "GET /v1/self?member=false&workspace=acme", "")]
    [InlineData("profile --member", "GET /v1/self?member=true", "")]
    [InlineData("profile --session x", "GET /v1/self?member=false&session=x", "")]
    [InlineData("profile --name Al --capability review --capability deploy", "POST /v1/self", """{"about":{"workspace":null,"session":null,"member":false,"caller":null},"name":"Al","status":null,"summary":null,"visible":null,"profile":{"title":null,"bio":null,"avatar":null,"capabilities":["review","deploy"]},"join":null,"leave":null}""")]
    [InlineData("group list -w acme", "GET /v1/groups?workspace=acme", "")]
    [InlineData("group join @backend --role lead", "POST /v1/self", """{"about":{"workspace":null,"session":null,"member":false,"caller":null},"name":null,"status":null,"summary":null,"visible":null,"profile":null,"join":{"name":"backend","role":"lead"},"leave":null}""")]
    [InlineData("group leave backend", "POST /v1/self", """{"about":{"workspace":null,"session":null,"member":false,"caller":null},"name":null,"status":null,"summary":null,"visible":null,"profile":null,"join":null,"leave":"backend"}""")]
    [InlineData("verify", "GET /v1/safety", "")]
    [InlineData("verify bob", "GET /v1/safety?peer=bob", "")]
    [InlineData("verify bob -w acme", "GET /v1/safety?workspace=acme&peer=bob", "")]
    [InlineData("verify bob --confirm", "POST /v1/safety", """{"peer":"bob","workspace":null,"verified":true}""")]
    [InlineData("verify bob --withdraw -w acme", "POST /v1/safety", """{"peer":"bob","workspace":"acme","verified":false}""")]
    [InlineData("inbox flush --all", "DELETE /v1/inbox?all=true", "")]
    [InlineData("inbox flush --from bob --before 12h -w acme", "DELETE /v1/inbox?all=false&workspace=acme&from=bob&before=2026-03-03T02%3A30%3A00.0000000%2B00%3A00", "")]
    [InlineData("inbox flush --before 2026-01-31T12:00Z", "DELETE /v1/inbox?all=false&before=2026-01-31T12%3A00%3A00.0000000%2B00%3A00", "")]
    [InlineData("inbox delete 0000A3f9 -w acme", "DELETE /v1/inbox/0000A3f9?workspace=acme", "")]
    [InlineData("state set deploy true -w acme", "POST /v1/state", """{"key":"deploy","value":true,"workspace":"acme","if_revision":null}""")]
    [InlineData("state set deploy not json --if-revision 4", "POST /v1/state", """{"key":"deploy","value":"not json","workspace":null,"if_revision":4}""")]
    [InlineData("state set n 42 --text", "POST /v1/state", """{"key":"n","value":"42","workspace":null,"if_revision":null}""")]
    [InlineData("state get deploy -w acme", "GET /v1/state?workspace=acme&key=deploy", "")]
    [InlineData("state get get", "GET /v1/state?key=get", "")]
    [InlineData("state list -w acme", "GET /v1/state?workspace=acme", "")]
    [InlineData("state watch deploy -w acme", "GET /v1/state?workspace=acme", "")]
    [InlineData("state delete a/b --if-revision 7", "DELETE /v1/state?key=a%2Fb&if_revision=7", "")]
    [InlineData("recall staging database --tag db --limit 3 -w acme", "GET /v1/memories?workspace=acme&q=staging%20database&tag=db&limit=3", "")]
    [InlineData("memory recall 100%", "GET /v1/memories?q=100%25&limit=20", "")]
    [InlineData("memory list --tag db", "GET /v1/memories?tag=db&limit=20", "")]
    [InlineData("forget 019ab3c4 -w acme", "DELETE /v1/memories/019ab3c4?workspace=acme", "")]
    [InlineData("memory forget 019ab3c4", "DELETE /v1/memories/019ab3c4", "")]
    [InlineData("msg-status 019ab3c4", "GET /v1/messages/019ab3c4", "")]
    [Trait("cli", "7 wiring: an option that nothing reads")]
    [Trait("cli", "7 wiring: a word of the verb taken for the key of a state")]
    [Trait("cli", "7 scoping: a workspace that is named and ignored")]
    public async Task A_verb_makes_the_request_that_was_meant(string line, string request, string body)
    {
        using var desk = new Desk();
        LocalProblem problem = LocalProblem.Of(LocalErrors.NoWorkspace, "You are in no workspace.", 404, ExitCode.NotFound);
        string route = request.Split('?')[0];
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Refuses(route.Split(' ')[0], route.Split(' ')[1], problem);

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.NotFound, "claudemesh: You are in no workspace.\n"), (seen.Code, seen.Error));
        Assert.Equal((request + " HTTP/1.1", body), daemon.Requests.Last());
    }

    [Theory]
    [InlineData("verify --confirm", "claudemesh verify PEER --confirm")]
    [InlineData("verify bob --confirm --withdraw", "are opposites")]
    [InlineData("summary x --clear", "--clear takes the summary away")]
    [InlineData("status set asleep", "STATUS takes idle, working or dnd, not 'asleep'.")]
    [InlineData("status set idel", "Did you mean 'idle'?")]
    [InlineData("visible offf", "on|off takes on or off, not 'offf'. Did you mean 'off'?")]
    [InlineData("status st", "'claudemesh status' has no verb 'st'. Did you mean 'set'?")]
    [InlineData("group jion backend", "'claudemesh group' has no verb 'jion'. Did you mean 'join'?")]
    [InlineData("group join", "'claudemesh group join' needs NAME.")]
    [InlineData("state gte x", "'claudemesh state' has no verb 'gte'. Did you mean 'get'?")]
    [InlineData("state set deploy", "'claudemesh state set' needs VALUE.")]
    [InlineData("state set deploy null", "A value is not null")]
    [InlineData("state set deploy 1 --if-revison 2", "Did you mean '--if-revision'?")]
    [InlineData("state set deploy 1 --if-revision two", "--if-revision takes a whole number from 0, not 'two'.")]
    [InlineData("recall", "'claudemesh recall' needs QUERY.")]
    [InlineData("recall x --limit 0", "--limit takes a number from 1 to 1000, not '0'.")]
    [InlineData("rememberr x", "Did you mean 'remember'?")]
    [InlineData("profile --titel x", "'claudemesh profile' has no option '--titel'. Did you mean '--title'?")]
    [InlineData("topic create", "'claudemesh topic create' needs NAME, or --dm PEER.")]
    [InlineData("topic create x --dm bob", "A dm has no name: leave out NAME, or --dm.")]
    [InlineData("topic create --dm bob --private", "--dm is between two: leave out --private and --with.")]
    [InlineData("topic create x --with bob", "--with is for a private topic, which needs --private")]
    [InlineData("topic crate x", "'claudemesh topic' has no verb 'crate'. Did you mean 'create'?")]
    [InlineData("topic post deploys", "'claudemesh topic post' needs TEXT.")]
    [InlineData("topic post", "'claudemesh topic post' needs TOPIC and TEXT.")]
    [InlineData("topic post deploys hi --reply-too x", "has no option '--reply-too'. Did you mean '--reply-to'?")]
    [InlineData("topic history deploys --limit 0", "--limit takes a number from 1 to 200, not '0'.")]
    [InlineData("topic retain deploys ever", "DAYS is a number from 0 to 3650, not 'ever'.")]
    [InlineData("topic retain deploys 3651", "DAYS is a number from 0 to 3650, not '3651'.")]
    [InlineData("topic policy deploys plian yes", "There is one policy, plain, and not 'plian'.")]
    [InlineData("topic policy deploys plain maybe", "yes|no takes yes or no, not 'maybe'.")]
    [InlineData("topic role i7 carol owner", "ROLE takes lead, member or observer, not 'owner'.")]
    [InlineData("topic admit i7 carol --role leed", "Did you mean 'lead'?")]
    [InlineData("workspace delete acme", "Say that you mean it: claudemesh workspace delete acme --yes acme")]
    [InlineData("workspace transfer bob", "Say that you mean it: claudemesh workspace transfer bob --yes")]
    [InlineData("session limit billing", "Say one of --allow, --deny, --none and --lift.")]
    [InlineData("session limit billing --allow read --none", "Say one of --allow, --deny, --none and --lift.")]
    [InlineData("session limit billing --allow raed", "Did you mean 'read'?")]
    [InlineData("install --limit fly", "--limit takes words of read, send, topics, state, self, admin, with commas between, not 'fly'.")]
    [InlineData("topic leave deploys", "Say that you mean it: claudemesh topic leave deploys --yes")]
    [InlineData("topic remove i7 carol", "Say that you mean it: claudemesh topic remove i7 carol --yes")]
    public async Task A_mistake_is_told_before_anything_is_asked(string line, string told)
    {
        using var desk = new Desk();
        await using var daemon = new ScriptedDaemon(desk.Home);

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains(told, seen.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task An_empty_value_takes_a_part_of_the_profile_away()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("POST", LocalRoutes.Self, Samples.Alice, LocalJson.Default.Self);

        Seen seen = await desk.TypeAsync("profile", "--bio", "", "--capability", "");

        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        Assert.Contains(""""profile":{"title":null,"bio":"","avatar":null,"capabilities":[]}"""", daemon.Requests.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_session_that_the_environment_names_is_passed_on()
    {
        using var desk = new Desk { Session = "s1" };
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.Self, new SelfList([Samples.Alice]), LocalJson.Default.SelfList);

        await desk.TypeAsync("summary");

        Assert.Equal("GET /v1/self?member=false&caller=s1 HTTP/1.1", daemon.Requests.Single().Line);
    }

    [Fact]
    public async Task Making_a_workspace_is_never_asked_twice()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw("POST", LocalRoutes.Workspaces, []);

        Seen seen = await desk.TypeAsync("new", "acme");

        Assert.Equal(ExitCode.Network, seen.Code);
        Assert.Single(daemon.Requests, request => request.Line.StartsWith("POST", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("has/slash-in-it")]
    public async Task A_message_id_that_cannot_be_one_is_not_asked_for(string id)
    {
        using var desk = new Desk();
        await using var daemon = new ScriptedDaemon(desk.Home);

        Seen seen = await desk.TypeAsync("msg-status", id);

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains($"'{id}' is no message id", seen.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }
}
