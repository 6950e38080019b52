using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Api;

/// <summary>The local API as a stranger meets it: raw requests at the socket.</summary>
public sealed class LocalApiTests : IAsyncLifetime
{
    private RunningDaemon daemon = null!;

    public async ValueTask InitializeAsync() => daemon = await RunningDaemon.StartAsync();

    public async ValueTask DisposeAsync() => await daemon.DisposeAsync();

    public static TheoryData<string, string> BadBodies()
    {
        var data = new TheoryData<string, string>();
        foreach (string route in new[] { LocalRoutes.Workspaces, LocalRoutes.Join, LocalRoutes.Invites, LocalRoutes.Send, LocalRoutes.Sessions })
        {
            foreach (string body in new[] { "", "{", "[]", "null", "1", "\"\"", "{}}", new string('[', 100), "\u0000" })
                data.Add(route, body);
        }

        // A required part is missing only where there is one: an invite needs none.
        foreach (string route in new[] { LocalRoutes.Workspaces, LocalRoutes.Join, LocalRoutes.Send, LocalRoutes.Sessions })
        {
            data.Add(route, "{}");
            data.Add(route, """{"to":null,"text":{},"name":1,"link":[],"session_id":null}""");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_is_refused_with_a_code_and_the_next_request_works(string route, string body)
    {
        (int status, JsonElement problem) = await PostAsync(route, body);
        Assert.Equal(400, status);
        Assert.Equal((int)ExitCode.BadArguments, problem.GetProperty("exit_code").GetInt32());
        Assert.Equal(LocalErrors.InvalidRequest, problem.GetProperty("error").GetString());
        Assert.True((await daemon.Client.GetVersionAsync(default)).Succeeded);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_as_too_large()
    {
        (int status, JsonElement problem) = await PostAsync(LocalRoutes.Send, "{\"to\":\"" + new string('x', LocalLimits.BodyBytesMax) + "\"}");
        Assert.Equal(413, status);
        Assert.Equal(LocalErrors.PayloadTooLarge, problem.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("""{"to":"","text":"x"}""")]
    [InlineData("""{"to":"a\nb","text":"x"}""")]
    [InlineData("""{"to":"bob","text":""}""")]
    [InlineData("""{"to":"bob","text":"x","priority":"urgent"}""")]
    [InlineData("""{"to":"bob","text":"x","client_message_id":"a b"}""")]
    [InlineData("""{"to":"bob","text":"x","client_message_id":""}""")]
    [InlineData("""{"to":"bob","text":"x","wait":"soon"}""")]
    [InlineData("""{"to":"bob","text":"x","wait":"read","wait_milliseconds":-1}""")]
    [InlineData("""{"to":"bob","text":"\ud800"}""")]
    [InlineData("""{"to":"bob","to":"carol","text":"x"}""")]
    public async Task A_send_that_breaks_a_rule_is_refused_before_anybody_is_looked_up(string body)
    {
        (int status, JsonElement problem) = await PostAsync(LocalRoutes.Send, body);
        Assert.Equal((400, LocalErrors.InvalidRequest), (status, problem.GetProperty("error").GetString()!));
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=1001")]
    [InlineData("?limit=x")]
    [InlineData("?after=-1")]
    [InlineData("?unread=maybe")]
    public async Task A_bad_query_of_the_inbox_is_refused(string query) =>
        Assert.Equal(400, (await RequestAsync("GET", LocalRoutes.Inbox + query)).Status);

    [Theory]
    [InlineData("Origin: http://localhost\r\n")]
    [InlineData("Host: evil.example\r\n")]
    [InlineData("Host: localhost.evil.example\r\n")]
    [Trait("cli", "7 auth: a door that asks nobody who he is")]
    public async Task A_request_of_a_web_page_is_refused(string header)
    {
        (int status, JsonElement problem) = await RequestAsync("GET", LocalRoutes.Version, "", header);
        Assert.Equal((403, LocalErrors.Forbidden), (status, problem.GetProperty("error").GetString()!));
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, LocalErrors.RouteNotFound)]
    [InlineData("GET", "/", 404, LocalErrors.RouteNotFound)]
    [InlineData("POST", LocalRoutes.Version, 405, LocalErrors.MethodNotAllowed)]
    [InlineData("GET", LocalRoutes.Messages + "/unknown-id", 404, LocalErrors.MessageNotFound)]
    [InlineData("DELETE", LocalRoutes.Sessions + "/unknown", 404, LocalErrors.SessionNotFound)]
    [InlineData("GET", LocalRoutes.Inbox + "?workspace=nowhere", 404, LocalErrors.WorkspaceNotFound)]
    [InlineData("GET", LocalRoutes.Peers + "?workspace=nowhere", 404, LocalErrors.WorkspaceNotFound)]
    [InlineData("GET", LocalRoutes.Events + "?workspace=nowhere", 404, LocalErrors.WorkspaceNotFound)]
    public async Task What_is_not_there_is_said_with_a_code(string method, string path, int status, string code)
    {
        (int got, JsonElement problem) = await RequestAsync(method, path);
        Assert.Equal((status, code), (got, problem.GetProperty("error").GetString()!));
    }

    [Fact]
    public async Task Sending_without_a_workspace_says_how_to_get_one() =>
        Assert.Equal(LocalErrors.NoWorkspace, (await daemon.Client.SendAsync(new SendMessage("bob", "x"), default)).Problem!.Error);

    [Fact]
    public async Task A_broker_that_nobody_answers_at_is_named_in_the_refusal()
    {
        LocalProblem problem = (await daemon.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", "http://127.0.0.1:1"), default)).Problem!;
        Assert.Equal((LocalErrors.BrokerUnreachable, (int)ExitCode.Network), (problem.Error, problem.ExitCode));
        Assert.Contains("http://127.0.0.1:1", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a link")]
    [InlineData("https://mesh.example/join/")]
    [InlineData("https://mesh.example/join/eyJ2IjoxLCJtZXNoX2lkIjoiYSJ9AAAAAAAA")]
    public async Task A_link_that_is_no_invite_is_refused(string link) =>
        Assert.Equal(LocalErrors.InvalidInvite, (await daemon.Client.JoinWorkspaceAsync(new JoinWorkspace(link), default)).Problem!.Error);

    [Fact]
    [Trait("cli", "7 secrets: a folder that others can read")]
    public void The_folder_and_every_file_in_it_are_for_their_owner_alone()
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(daemon.Home.Folder));
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(daemon.Home.SocketsFolder));
        string[] files = Directory.GetFiles(daemon.Home.Folder, "*", SearchOption.AllDirectories);
        Assert.Contains(daemon.Home.Socket, files);
        Assert.All(files, file => Assert.Equal(Owner, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_folder_whose_sockets_nobody_could_connect_to_is_refused_with_the_way_out()
    {
        var home = new DaemonHome(Path.Combine(daemon.Home.Folder, new string('x', 120)));
        (DaemonHost? host, LocalProblem? problem) = DaemonHost.Build(home, TimeProvider.System, new Service());
        Assert.Null(host);
        Assert.Equal(LocalErrors.SocketPathTooLong, problem!.Error);
        Assert.Contains(DaemonHome.Variable, problem.Detail, StringComparison.Ordinal);
        Assert.False(Directory.Exists(home.Folder));
    }

    private Task<(int Status, JsonElement Problem)> PostAsync(string route, string body) => RequestAsync("POST", route, body);

    private async Task<(int Status, JsonElement Problem)> RequestAsync(string method, string path, string body = "", string headers = "Host: localhost\r\n")
    {
        if (!headers.Contains("Host:", StringComparison.Ordinal))
            headers += "Host: localhost\r\n";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Home.Socket));
        await using var stream = new NetworkStream(socket);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"));
        try
        {
            await stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // It has answered and closed before it read all of a body that is too large.
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        string answer = await reader.ReadToEndAsync();
        int at = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(answer[at..]);
        return (int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), document.RootElement.Clone());
    }
}
