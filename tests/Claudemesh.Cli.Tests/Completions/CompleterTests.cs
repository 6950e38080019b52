using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Completions;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Completions;

/// <summary>At a key, the shell is told what could stand there.</summary>
public sealed class CompleterTests : IDisposable
{
    private readonly Desk desk = new();

    [Theory]
    [InlineData("", "send", "the verbs of the program")]
    [InlineData("daemon ", "up", "the verbs of a group")]
    [InlineData("send --", "--priority", "a verb's options")]
    [InlineData("send --", "--json", "the options of all verbs")]
    [InlineData("send bob hi --priority ", "now", "the values of an option")]
    [InlineData("send --priority=", "--priority=now", "the values after an equals sign")]
    [InlineData("completions ", "zsh", "the values of an argument")]
    public void What_the_table_knows_is_offered(string line, string expected, string what) =>
        Assert.True(Words(line).Contains(expected, StringComparer.Ordinal), $"{what}: {string.Join(' ', Words(line))}");

    [Theory]
    [InlineData("send ", "Addresses")]
    [InlineData("send --priority now ", "Addresses")]
    [InlineData("send --json ", "Addresses")]
    [InlineData("send -- ", "Addresses")]
    [InlineData("kick ", "People")]
    [InlineData("state get ", "Keys")]
    [InlineData("state set deploy ", "None")]
    [InlineData("leave ", "Workspaces")]
    [InlineData("rename ", "Workspaces")]
    [InlineData("rename acme ", "None")]
    [InlineData("send bob ", "None")]
    [InlineData("send --workspace ", "Workspaces")]
    [InlineData("peers -w ", "Workspaces")]
    [InlineData("peers --workspace=", "Workspaces")]
    [InlineData("topic tail ", "Topics")]
    [InlineData("topic admit incident-7 ", "People")]
    [InlineData("topic create --dm ", "People")]
    [InlineData("peers ", "None")]
    public void Names_that_only_the_daemon_knows_are_asked_for_where_they_belong(string line, string expected) =>
        Assert.Equal(expected, Completer.Find(Root(), line.Split(' ')).Live.ToString());

    [Theory]
    [InlineData("send bob hi --")]
    [InlineData("frobnicate ")]
    [InlineData("daemon up down ")]
    [InlineData("send --nonsense=")]
    public void A_line_of_any_kind_is_answered(string line) => Assert.NotNull(Completer.Find(Root(), line.Split(' ')).Fixed);

    [Fact]
    public void What_people_are_not_told_of_is_not_offered() => Assert.DoesNotContain(Words(""), word => word.StartsWith("__", StringComparison.Ordinal));

    [Fact]
    public async Task Everybody_who_can_be_written_to_is_offered_once()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Peers, Samples.Peers, LocalJson.Default.PeerList)
            .Answers("GET", LocalRoutes.Members, new MemberList(
            [
                new("acme", "bob", Samples.BobKey, "member", "person", true, null, ["backend"], [], false, false),
                new("acme", "carol", Samples.BobKey, "member", "person", false, null, [], [], false, false),
                new("acme", "alice", Samples.AliceKey, "owner", "person", true, null, [], [], true, false),
                new("acme", "evil\nname\e[2J", Samples.BobKey, "member", "person", false, null, [], [], false, false),
            ]), LocalJson.Default.MemberList)
            .Answers("GET", LocalRoutes.Topics, new ListedTopics([], []), LocalJson.Default.ListedTopics);

        Seen seen = await desk.TypeAsync("__complete", "--", "send", "");
        Seen json = await desk.TypeAsync("__complete", "--json", "--", "send", "");

        Assert.Equal("bob\tacme, online\ncarol\tacme, offline\n@backend\tgroup\ntag:repo:billing\ttag\n", seen.Output);
        Golden.Matches("complete.json", json.Output);
    }

    [Fact]
    public async Task Without_a_daemon_the_verbs_are_offered_and_none_is_started()
    {
        desk.WriteDaemonProgram("touch started\n");

        Seen verbs = await desk.TypeAsync("__complete", "--", "se");
        Seen names = await desk.TypeAsync("__complete", "--", "send", "");

        Assert.Contains("send\t", verbs.Output, StringComparison.Ordinal);
        Assert.Equal(new Seen("", "", ExitCode.Ok), names);
        Assert.False(Directory.Exists(desk.Home.Folder));
    }

    [Theory]
    [InlineData("completions fihs", "There are completions for bash, zsh and fish, not for 'fihs'. Did you mean 'fish'?")]
    [InlineData("completions tcsh", "There are completions for bash, zsh and fish, not for 'tcsh'.")]
    public async Task A_shell_that_is_not_known_is_told(string line, string sentence)
    {
        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.BadArguments, $"claudemesh: {sentence}\n"), (seen.Code, seen.Error));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Each_shell_has_a_script_that_asks_the_program(string shell)
    {
        Seen seen = await desk.TypeAsync("completions", shell);

        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        Golden.Matches($"completions.{shell}", seen.Output);
    }

    public void Dispose() => desk.Dispose();

    private Verb Root() => new Interpreter(desk.Around()).Root;

    private string[] Words(string line) => [.. Completer.Find(Root(), line.Split(' ')).Fixed.Select(one => one.Word)];
}
