using System.Text;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>What <c>send</c> hands to the daemon, and what it says about it.</summary>
public sealed class SendTests
{
    [Fact]
    public async Task Options_and_words_arrive_as_they_were_typed()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        await desk.TypeAsync("send", "@backend", "-5", "degrees", "--priority", "now", "-w", "acme", "--wait", "delivered", "--timeout", "2m");

        SendMessage sent = Sent(daemon).Single();
        Assert.Equal(("@backend", "-5 degrees", "now", "acme", "delivered", 120_000), (sent.To, sent.Text, sent.Priority, sent.Workspace, sent.Wait, sent.WaitMilliseconds));
    }

    [Fact]
    public async Task What_the_model_of_a_session_sends_is_sent_as_that_session()
    {
        using var desk = new Desk { Session = "s1" };
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        await desk.TypeAsync("send", "bob", "seen");

        Assert.Equal("s1", Sent(daemon).Single().Session);
    }

    [Fact]
    public async Task From_a_session_that_the_daemon_does_not_know_it_is_sent_as_the_member_under_the_same_id()
    {
        using var desk = new Desk { Session = "s1" };
        await using var daemon = new ScriptedDaemon(desk.Home);
        daemon.Refuses("POST", LocalRoutes.Send, LocalProblem.Of(LocalErrors.SessionNotFound, "No session s1 is open.", 404, ExitCode.NotFound));
        daemon.Answers("POST", LocalRoutes.Send, Samples.Sent, LocalJson.Default.SendResult);

        Seen seen = await desk.TypeAsync("send", "bob", "seen");

        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        SendMessage[] sent = [.. Sent(daemon)];
        Assert.Equal(["s1", null], sent.Select(one => one.Session));
        Assert.Single(sent.Select(one => one.ClientMessageId).Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("from a pipe\n", "from a pipe")]
    [InlineData("two\nlines\r\n", "two\nlines")]
    [InlineData("no end, ünïcode", "no end, ünïcode")]
    public async Task A_dash_reads_the_text_from_standard_input(string input, string expected)
    {
        using var desk = new Desk { Input = Encoding.UTF8.GetBytes(input) };
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("send", "bob", "-")).Code);
        Assert.Equal(expected, Sent(daemon).Single().Text);
    }

    [Fact]
    public async Task After_a_double_dash_everything_is_text()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        await desk.TypeAsync("send", "bob", "--", "--json", "--wait");

        Assert.Equal("--json --wait", Sent(daemon).Single().Text);
    }

    [Fact]
    public async Task A_text_that_just_fits_is_sent_and_one_byte_more_is_told_before_sending()
    {
        using var desk = new Desk { Input = [.. Enumerable.Repeat((byte)'x', LocalLimits.TextBytesMax), (byte)'\n'] };
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("send", "bob", "-")).Code);
        Assert.Equal(LocalLimits.TextBytesMax, Sent(daemon).Single().Text.Length);

        desk.Input = [.. Enumerable.Repeat((byte)'x', LocalLimits.TextBytesMax + 1)];
        Seen piped = await desk.TypeAsync("send", "bob", "-");
        Seen typed = await desk.TypeAsync("send", "bob", new string('x', LocalLimits.TextBytesMax + 1));

        Assert.Equal((ExitCode.BadArguments, ExitCode.BadArguments), (piped.Code, typed.Code));
        Assert.Contains("a message has at most 45,056", piped.Error, StringComparison.Ordinal);
        Assert.Contains("has 45,057 bytes; a message has at most 45,056", typed.Error, StringComparison.Ordinal);
        Assert.Single(daemon.Requests);
    }

    [Fact]
    public async Task An_input_far_beyond_the_limit_is_told_with_its_size_as_far_as_it_is_worth_knowing()
    {
        using var desk = new Desk { Input = new byte[4 * 1024 * 1024] };
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        Assert.Contains(
            "The text from standard input has 4,194,304 bytes; a message has at most 45,056.",
            (await desk.TypeAsync("send", "bob", "-")).Error,
            StringComparison.Ordinal);
        desk.Input = new byte[70 * 1024 * 1024];
        Assert.Contains("has more than 67,", (await desk.TypeAsync("send", "bob", "-")).Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    [Trait("cli", "7 wiring: an option that swallows the word after it")]
    public async Task What_is_for_oneself_has_no_recipient_to_type_and_names_the_session_that_sends()
    {
        using var desk = new Desk { Session = "s1" };
        SendResult sent = Samples.Sent with { To = SendMessage.Yourself };
        await using ScriptedDaemon daemon = Scripted(desk, sent);

        Seen seen = await desk.TypeAsync("send", "--self", "the", "build", "is done");

        Assert.Equal("accepted for your devices and sessions  019ab3c4d5e67f00\n", seen.Output);
        SendMessage request = Sent(daemon).Single();
        Assert.Equal((SendMessage.Yourself, "the build is done", true, "s1"), (request.To, request.Text, request.ToSelf, request.Session));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE }, "not UTF-8")]
    [InlineData(new byte[] { (byte)'\n' }, "text is empty")]
    public async Task Input_that_is_no_text_is_refused(byte[] input, string reason)
    {
        using var desk = new Desk { Input = input };
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        Seen seen = await desk.TypeAsync("send", "bob", "-");

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains(reason, seen.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    [Trait("cli", "7 ids: a write that is done twice")]
    public async Task A_send_that_is_asked_again_because_the_daemon_died_keeps_its_id()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .AnswersRaw("POST", LocalRoutes.Send, [])
            .Answers("POST", LocalRoutes.Send, Samples.Sent, LocalJson.Default.SendResult);

        Seen seen = await desk.TypeAsync("send", "bob", "hello");

        Assert.Equal(ExitCode.Ok, seen.Code);
        string?[] ids = [.. Sent(daemon).Select(sent => sent.ClientMessageId)];
        Assert.Equal(2, ids.Length);
        Assert.NotNull(ids[0]);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task Two_sends_have_ids_of_their_own_that_rise_with_time()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent);

        await desk.TypeAsync("send", "bob", "one");
        desk.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await desk.TypeAsync("send", "bob", "two");

        string[] ids = [.. Sent(daemon).Select(sent => sent.ClientMessageId!)];
        Assert.Matches("^[0-9a-f]{32}$", ids[0]);
        Assert.True(string.CompareOrdinal(ids[0], ids[1]) < 0);
    }

    [Theory]
    [InlineData(MessageStates.Pending, true, "on its way to bob  019ab3c4d5e67f00\n")]
    [InlineData(MessageStates.Pending, false, "on its way to bob; offline, it waits there  019ab3c4d5e67f00\n")]
    [InlineData(MessageStates.Accepted, true, "accepted for bob  019ab3c4d5e67f00\n")]
    [InlineData(MessageStates.Delivered, true, "delivered to bob  019ab3c4d5e67f00\n")]
    [Trait("cli", "7 silent loss: sent, said before it is known")]
    public async Task What_is_said_is_never_more_than_what_is_known(string state, bool isOnline, string expected)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent with { State = state, Recipients = [Samples.ToBob with { Online = isOnline, State = state }] });

        Assert.Equal(expected, (await desk.TypeAsync("send", "bob", "hello")).Output);
    }

    [Theory]
    [InlineData(MessageStates.Delivered, true, ExitCode.Ok)]
    [InlineData(MessageStates.Accepted, false, ExitCode.Network)]
    [InlineData(MessageStates.Refused, true, ExitCode.Denied)]
    [InlineData(MessageStates.Expired, true, ExitCode.NotFound)]
    public async Task Who_waits_learns_by_the_exit_code_how_it_ended(string state, bool waited, ExitCode expected)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk, Samples.Sent with { State = state, Waited = waited });

        Assert.Equal(expected, (await desk.TypeAsync("send", "bob", "hello", "--wait", "delivered")).Code);
    }

    [Fact]
    public async Task Several_recipients_are_counted_with_those_who_are_offline()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(
            desk, Samples.Sent with { State = MessageStates.Pending, Recipients = [Samples.ToBob, Samples.ToBob with { Name = "carol", Online = false }] });

        Assert.Equal("on its way to 2 members; 1 of them offline, it waits for them  019ab3c4d5e67f00\n", (await desk.TypeAsync("send", "*", "hello")).Output);
    }

    private static ScriptedDaemon Scripted(Desk desk, SendResult result) =>
        new ScriptedDaemon(desk.Home).Answers("POST", LocalRoutes.Send, result, LocalJson.Default.SendResult);

    private static IEnumerable<SendMessage> Sent(ScriptedDaemon daemon) =>
        daemon.Requests.Where(request => request.Line.StartsWith("POST /v1/send", StringComparison.Ordinal))
            .Select(request => JsonSerializer.Deserialize(request.Body, LocalJson.Default.SendMessage)!);
}
