using System.Text;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Local;

/// <summary>The client against answers in every form that HTTP/1.1 allows, and some that it does not.</summary>
public sealed class LocalClientTests
{
    private const string Version = """{"version":"2.0.0","api":"v1","pid":7}""";

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n" + Version)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:38\r\nX: y\r\n\r\n" + Version + "what follows is not ours")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n" + Version)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n26\r\n" + Version + "\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n24;x=y\r\n\"version\":\"2.0.0\",\"api\":\"v1\",\"pid\":7\r\n1\r\n}\r\n0\r\nTrailer: z\r\n\r\n")]
    public async Task An_answer_is_read_however_its_length_is_told(string answer)
    {
        LocalReply<DaemonVersion> reply = await AskAsync(answer);

        Assert.Equal(new DaemonVersion("2.0.0", "v1", 7), reply.Value);
    }

    [Theory]
    [InlineData("", LocalErrors.DaemonUnreachable)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", LocalErrors.DaemonUnreachable)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n{\"version\":", LocalErrors.DaemonUnreachable)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n26\r\n{\"version\":", LocalErrors.DaemonUnreachable)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", LocalErrors.DaemonUnreachable)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n", LocalErrors.DaemonUnreachable)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull", LocalErrors.BadReply)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", LocalErrors.BadReply)]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nOops", LocalErrors.BadReply)]
    public async Task An_answer_that_is_none_is_a_refusal_and_never_an_exception(string answer, string error)
    {
        LocalReply<DaemonVersion> reply = await AskAsync(answer);

        Assert.Equal(error, reply.Problem?.Error);
    }

    [Fact]
    public async Task A_head_without_an_end_is_not_read_for_ever()
    {
        LocalReply<DaemonVersion> reply = await AskAsync("HTTP/1.1 200 OK\r\nX: " + new string('x', 20_000));

        Assert.Contains("too long", reply.Problem?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_answer_arrives_whole()
    {
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(number => number % 10));
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Inbox, new InboxPage([.. Enumerable.Repeat(Samples.FromBob with { Text = text }, 50)], 0, false), LocalJson.Default.InboxPage);

        LocalReply<InboxPage> reply = await new LocalClient(desk.Home.Socket).ReadInboxAsync(new InboxQuery(), CancellationToken.None);

        Assert.Equal(50, reply.Value?.Items.Count(item => string.Equals(item.Text, text, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Events_are_read_until_the_connection_ends()
    {
        using var desk = new Desk();
        string stream = "event: resync\ndata: {}\n\nevent: unknown\ndata: {}\n\nid: 7\nevent: peer\ndata: {\"workspace\":\"acme\",\"change\":\"joined\",\"name\":\"bob\",\"key\":null}\n\n";
        string chunk = $"{stream.Length:x}\r\n{stream}\r\n";
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw(
            "GET", LocalRoutes.Events, Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk));

        List<LocalEvent?> events = [];
        await foreach (LocalReply<LocalEvent> one in new LocalClient(desk.Home.Socket).FollowAsync("acme", null, "6", CancellationToken.None))
            events.Add(one.Value);

        Assert.Equal([new(EventKinds.Resync, null), new(EventKinds.Peer, "7", Peer: new("acme", "joined", "bob", null))], events);
        Assert.Equal("GET /v1/events?workspace=acme HTTP/1.1", daemon.Requests.Single().Line);
    }

    [Fact]
    public async Task A_socket_that_does_not_exist_is_told_as_an_absent_daemon()
    {
        using var desk = new Desk();

        LocalReply<DaemonVersion> reply = await new LocalClient(desk.Home.Socket).GetVersionAsync(CancellationToken.None);

        Assert.Equal((LocalErrors.DaemonUnreachable, (int)ExitCode.Network, true), (reply.Problem?.Error, reply.Problem?.ExitCode, reply.Problem?.Retryable));
    }

    private static async Task<LocalReply<DaemonVersion>> AskAsync(string answer)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home, answersVersion: false).AnswersRaw("GET", LocalRoutes.Version, Encoding.ASCII.GetBytes(answer));
        return await new LocalClient(desk.Home.Socket).GetVersionAsync(CancellationToken.None);
    }
}
