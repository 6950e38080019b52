using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>What <c>migrate-identity</c> asks, prints and ends with; and how a changed key is told.</summary>
public sealed class MigrateIdentityTests
{
    private const string Config = "/home/alice/.claudemesh/config.json";

    private static readonly MigrationStep Planned = new(
        "acme", "https://mesh.example.com", "alice", "member1", Samples.AliceKey, null, "random", "1.x", MigrationStates.Planned,
        "It would be taken over with the key that it has, as member; then its key signs a new one, kept on this machine.", 3);

    private static readonly MigrationStep Failed = new(
        "lab", "https://lab.example.com", null, "member2", Samples.AliceKey, null, null, "1.x", MigrationStates.Failed,
        "The broker https://lab.example.com cannot be reached. Nobody answers there.", null,
        LocalProblem.Of(LocalErrors.BrokerUnreachable, "The broker https://lab.example.com cannot be reached. Nobody answers there.", 503, ExitCode.Network, retryable: true));

    [Theory]
    [InlineData("migrate-identity-plan", "migrate-identity", MigrationActions.Plan)]
    [InlineData("migrate-identity-apply", "migrate-identity --apply", MigrationActions.Apply)]
    [InlineData("migrate-identity-confirm", "migrate-identity --confirm", MigrationActions.Confirm)]
    public async Task It_prints_what_its_golden_files_say(string name, string line, string action)
    {
        MigrationStep step = action switch
        {
            MigrationActions.Plan => Planned,
            MigrationActions.Apply => Planned with { State = MigrationStates.Moved, Key = Samples.BobKey, Waiting = null, Says = "It goes on under its new key." },
            _ => Planned with { State = MigrationStates.Confirmed, Key = Samples.BobKey, Waiting = null, Says = "Moved for good." },
        };
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, new MigrationReport(action, Config, true, [step]), times: 2);

        Seen people = await desk.TypeAsync(line.Split(' '));
        Seen json = await desk.TypeAsync([.. line.Split(' '), "--json"]);

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok, ""), (people.Code, people.Error, json.Code, json.Error));
        Golden.Matches(name + ".txt", people.Output);
        Golden.Matches(name + ".json", json.Output);
    }

    [Fact]
    public async Task One_that_failed_is_told_beside_the_others_and_is_the_exit_code()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, new MigrationReport(MigrationActions.Apply, Config, true, [Planned with { State = MigrationStates.Moved }, Failed]));

        Seen seen = await desk.TypeAsync("migrate-identity", "--apply");

        Assert.Equal(ExitCode.Network, seen.Code);
        Assert.Contains("lab at https://lab.example.com: failed", seen.Output, StringComparison.Ordinal);
        Assert.Contains("acme as alice at https://mesh.example.com: moved", seen.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate-identity", "", "There is no 1.x configuration at")]
    [InlineData("migrate-identity --undo", MigrationActions.Undo, "Nothing was moved here.")]
    public async Task Where_there_is_nothing_to_do_it_says_so(string line, string action, string words)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, new MigrationReport(action, Config, false, []));

        Assert.Contains(words, (await desk.TypeAsync(line.Split(' '))).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate-identity", """{"action":"plan","from":null,"workspace":null}""")]
    [InlineData("migrate-identity --apply --from /a/config.json", """{"action":"apply","from":"/a/config.json","workspace":null}""")]
    [InlineData("migrate-identity --undo -w acme", """{"action":"undo","from":null,"workspace":"acme"}""")]
    public async Task It_asks_what_was_meant(string line, string body)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, new MigrationReport(MigrationActions.Plan, Config, true, []));

        await desk.TypeAsync(line.Split(' '));

        Assert.Equal(($"POST {LocalRoutes.Migration} HTTP/1.1", body), daemon.Requests.Last());
    }

    [Fact]
    public async Task Two_things_to_do_at_once_are_a_mistake()
    {
        using var desk = new Desk();
        Seen seen = await desk.TypeAsync("migrate-identity", "--apply", "--undo");
        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains("give one", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_key_is_told_above_the_inbox_among_the_peers_and_by_verify()
    {
        DateTimeOffset at = Desk.Now.AddDays(-1);
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Inbox, Samples.Inbox with { KeyChanges = [new KeyChange("acme", "bob", Samples.BobKey, Samples.AliceKey, at)] }, LocalJson.Default.InboxPage)
            .Answers("GET", LocalRoutes.Peers, new PeerList([Samples.Peers.Peers[0] with { Self = false, Verified = false, KeyChangedAt = at }], []), LocalJson.Default.PeerList)
            .Answers("GET", LocalRoutes.Safety, new SafetyList([Samples.WithBob with { Verified = false, VerifiedAt = null, KeyChangedAt = at }]), LocalJson.Default.SafetyList);

        Assert.Contains("signed by the old key. Compare the new number: claudemesh verify bob", (await desk.TypeAsync("inbox")).Output, StringComparison.Ordinal);
        Assert.Contains("(new key)", (await desk.TypeAsync("peers")).Output, StringComparison.Ordinal);
        Assert.Contains("not verified; the key changed on", (await desk.TypeAsync("verify")).Output, StringComparison.Ordinal);
    }

    private static ScriptedDaemon Scripted(Desk desk, MigrationReport report, int times = 1)
    {
        var daemon = new ScriptedDaemon(desk.Home);
        for (int i = 0; i < times; i++)
            daemon.Answers("POST", LocalRoutes.Migration, report, LocalJson.Default.MigrationReport);
        return daemon;
    }
}
