using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.CommandLine;

/// <summary>Every mistake at the keyboard has one sentence, and does nothing.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("snd bob hi", "'claudemesh' has no verb 'snd'. Did you mean 'send'?")]
    [InlineData("inbx", "'claudemesh' has no verb 'inbx'. Did you mean 'inbox'?")]
    [InlineData("daemon dwon", "'claudemesh daemon' has no verb 'dwon'. Did you mean 'down'?")]
    [InlineData("frobnicate", "'claudemesh' has no verb 'frobnicate'.")]
    [InlineData("send", "'claudemesh send' needs TO and TEXT.")]
    [InlineData("send bob", "'claudemesh send' needs TEXT.")]
    [InlineData("send --self", "'claudemesh send --self' needs TEXT.")]
    [InlineData("inbox flush", "Say what to delete: --before TIME, --from PEER, or --all.")]
    [InlineData("profile --session billing --member", "--session means a session and --member yourself: give one of them.")]
    [InlineData("group join crew --member --session billing", "--session means a session and --member yourself: give one of them.")]
    [InlineData("inbox flush --all --from bob", "--all deletes everything; leave it out to delete a part.")]
    [InlineData("inbox flush --before soon", "--before takes a date such as 2026-01-31, a time such as 2026-01-31T12:00Z, or how long ago, such as 12h or 30d; not 'soon'.")]
    [InlineData("inbox delete 12", "'12' is no message id: at least 8 letters and digits.")]
    [InlineData("inbox flsh", "'claudemesh inbox' has no verb 'flsh'. Did you mean 'flush'?")]
    [InlineData("join", "'claudemesh join' needs LINK.")]
    [InlineData("send bob hi --prio now", "'claudemesh send' has no option '--prio'. Did you mean '--priority'?")]
    [InlineData("inbox --unraed", "'claudemesh inbox' has no option '--unraed'. Did you mean '--unread'?")]
    [InlineData("invite --use=5", "'claudemesh invite' has no option '--use'. Did you mean '--uses'?")]
    [InlineData("list -x", "'claudemesh list' has no option '-x'. Did you mean '-h'?")]
    [InlineData("send bob hi --priority urgent", "--priority takes now, next or low, not 'urgent'.")]
    [InlineData("send bob hi --timeout soon", "--timeout takes a time such as 30s, 15m, 12h or 7d, not 'soon'.")]
    [InlineData("invite --uses 0", "--uses takes a number from 1 to 1000, not '0'.")]
    [InlineData("invite --uses many", "--uses takes a number from 1 to 1000, not 'many'.")]
    [InlineData("inbox --limit 1001", "--limit takes a number from 1 to 1000, not '1001'.")]
    [InlineData("peers bob", "'claudemesh peers' does not know what to do with 'bob'.")]
    [InlineData("mcp now", "'claudemesh mcp' does not know what to do with 'now'.")]
    [InlineData("mcp --json", "mcp prints nothing that --json could show.")]
    [InlineData("peers --json=", "--json= needs fields, separated by commas; there are: workspace, name,")]
    [Trait("cli", "7 wiring: an option that nothing reads")]
    public async Task A_mistake_is_told_with_exit_code_3_and_how_it_is_used(string line, string sentence)
    {
        using var desk = new Desk();
        await using var daemon = new ScriptedDaemon(desk.Home);

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains(sentence, seen.Error + seen.Output, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task A_mistake_is_a_record_for_who_asked_for_json()
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync("list", "--jso", "--json");

        Assert.Equal(("", ExitCode.BadArguments), (seen.Error, seen.Code));
        Assert.StartsWith("""{"schema_version":"1.0","error":"bad_arguments","detail":""", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_begins_with_an_at_sign_is_not_a_file_of_arguments()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("POST", LocalRoutes.Send, Samples.Sent, LocalJson.Default.SendResult);

        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("send", "@nobody-has-such-a-file", "hi")).Code);
        Assert.Contains("\"to\":\"@nobody-has-such-a-file\"", daemon.Requests.Single().Body, StringComparison.Ordinal);
    }
}
