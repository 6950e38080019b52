using System.Text;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>What cannot be taken back is asked about; who cannot be asked is told the exact line.</summary>
public sealed class ConfirmationTests
{
    [Theory]
    [InlineData("kick bob", "claudemesh kick bob --yes")]
    [InlineData("kick --stale 30m -w acme", "claudemesh kick --stale 30m -w acme --yes")]
    [InlineData("disconnect --all", "claudemesh disconnect --all --yes")]
    [InlineData("ban bob --json", "claudemesh ban bob --yes")]
    [InlineData("leave acme", "claudemesh leave acme --yes")]
    [Trait("cli", "7 terminal: a question that leaves it spoilt")]
    public async Task A_script_is_told_what_to_type_and_nothing_is_done(string line, string told)
    {
        using var desk = new Desk();
        await using var daemon = new ScriptedDaemon(desk.Home);

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains(told, seen.Error + seen.Output, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task A_word_that_a_shell_would_split_is_quoted_in_what_is_told()
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync("ban", "bob o'hara");

        Assert.Contains(@"claudemesh ban 'bob o'\''hara' --yes", seen.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("Yes", true)]
    [InlineData("n", false)]
    [InlineData("", false)]
    public async Task A_person_is_asked_and_only_yes_is_yes(string answer, bool does)
    {
        using var desk = new Desk { HasPerson = true, Input = Encoding.UTF8.GetBytes(answer + "\n") };
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("POST", LocalRoutes.Bans, Samples.Banned, LocalJson.Default.BannedMember);

        Seen seen = await desk.TypeAsync("ban", "bob");

        Assert.Contains("Ban bob? ", seen.Error, StringComparison.Ordinal);
        Assert.Equal(does ? ExitCode.Ok : ExitCode.Cancelled, seen.Code);
        Assert.Equal(does, daemon.Requests.Any(request => request.Line.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("kick")]
    [InlineData("kick bob --all")]
    [InlineData("disconnect bob --stale 5m")]
    public async Task Whom_is_said_in_exactly_one_way(string line)
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync([.. line.Split(' '), "--yes"]);

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains("Say whom", seen.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grant bob dmm", "Did you mean 'dm'?")]
    [InlineData("revoke bob everything", "There are read, dm, broadcast, state-read, state-write, file-read, and all.")]
    public async Task A_capability_that_does_not_exist_is_refused_before_anything_is_done(string line, string hint)
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains(hint, seen.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConnectionStates.Kicked, ExitCode.Denied)]
    [InlineData(ConnectionStates.Removed, ExitCode.Denied)]
    [InlineData(ConnectionStates.Refused, ExitCode.Auth)]
    [InlineData(ConnectionStates.Offline, ExitCode.Network)]
    public async Task Reconnecting_says_by_its_exit_code_whether_it_is_connected(string state, ExitCode expected)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "POST", LocalRoutes.Reconnect, new Reconnected([new("acme", "http://b", state, "why", 0, 0)]), LocalJson.Default.Reconnected);

        Assert.Equal(expected, (await desk.TypeAsync("daemon", "reconnect")).Code);
    }
}
