using System.Text.Json.Nodes;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>A machine becomes a device of an account, stays one over restarts, and is none any more when its person says so.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private ScriptedAccounts broker = null!;
    private RunningDaemon daemon = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await ScriptedAccounts.StartAsync();
        daemon = await RunningDaemon.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await daemon.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_login_that_is_approved_on_this_computer_keeps_the_secret_in_a_file_that_others_cannot_read()
    {
        LoggedIn done = await LoginRun.OkAsync(daemon, broker);
        Assert.Equal(("alice", AccountStates.SignedIn, "file"), (done.Account.Username, done.Account.State, done.Account.Store));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LoginRun.FileOf(daemon)));

        JsonNode kept = JsonNode.Parse(await File.ReadAllTextAsync(LoginRun.FileOf(daemon)))!["logins"]![0]!;
        Assert.Equal(broker.Secret.Expose().ToArray(), Convert.FromBase64String(kept["secrets"]!["account"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_login_without_a_browser_on_this_computer_listens_for_none()
    {
        LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box", Remote: true), async prompt =>
        {
            Assert.False(prompt.Listens);
            await broker.ApproveAsync(prompt);
        });
        Assert.NotNull(end.Done);
    }

    [Fact]
    public async Task A_login_outlives_a_restart_of_the_daemon()
    {
        LoggedIn done = await LoginRun.OkAsync(daemon, broker);
        await daemon.RestartAsync();
        MyAccount account = Assert.Single((await Ok.Async(daemon.Client.ListAccountsAsync(asks: true, default))).Accounts);
        Assert.Equal((done.Account.Device, AccountStates.SignedIn, null), (account.Device, account.State, account.Stale));
    }

    [Theory]
    [InlineData("access_denied", LocalErrors.LoginDenied, ExitCode.Denied)]
    [InlineData("expired_token", LocalErrors.LoginExpired, ExitCode.Cancelled)]
    public async Task A_login_that_nobody_lets_in_says_so_and_leaves_nothing(string denial, string error, ExitCode code)
    {
        LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), prompt =>
        {
            broker.FindRequest(prompt.UserCode).Denial = denial;
            return Task.CompletedTask;
        });
        Assert.Equal((error, (int)code), (end.Problem!.Error, end.Problem.ExitCode));
        Assert.False(File.Exists(LoginRun.FileOf(daemon)));
    }

    [Fact]
    public async Task A_broker_without_accounts_and_no_broker_at_all_are_told_apart()
    {
        broker.HasAccounts = false;
        LoginStep without = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address), _ => Task.CompletedTask);
        Assert.Equal((LocalErrors.NoAccounts, (int)ExitCode.NotFound), (without.Problem!.Error, without.Problem.ExitCode));

        using var port = new HeldPort();
        LoginStep none = await LoginRun.RunAsync(daemon, new StartLogin(port.Url.ToString()), _ => Task.CompletedTask);
        Assert.Equal((LocalErrors.BrokerUnreachable, (int)ExitCode.Network), (none.Problem!.Error, none.Problem.ExitCode));
    }

    [Fact]
    public async Task A_broker_that_sends_elsewhere_to_sign_in_is_not_followed()
    {
        broker.TokenServer = "https://elsewhere.example.com";
        LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address), _ => Task.CompletedTask);
        Assert.Equal(LocalErrors.BrokerRefused, end.Problem!.Error);
        Assert.Contains("another server", end.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_whose_reader_leaves_ends_and_another_can_begin()
    {
        using var leaving = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (LoginStep step in daemon.Client.LogInAsync(new StartLogin(broker.Address, "box"), leaving.Token))
            {
                if (step.Prompt is not null)
                    await leaving.CancelAsync();
            }
        });
        await Eventually.TrueAsync("the first login has ended", async () =>
        {
            LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), broker.ApproveAsync);
            return end.Done is not null;
        });
    }

    [Fact]
    public async Task Another_page_that_brings_a_code_to_the_listener_ends_nothing()
    {
        LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), async prompt =>
        {
            int port = broker.FindRequest(prompt.UserCode).LoopbackPort!.Value;
            using var browser = new HttpClient();
            foreach ((string path, string? host, HttpMethod method, int status) in new[]
            {
                ("/claudemesh/login?code=made-up", null, HttpMethod.Get, 200),
                ("/claudemesh/login?code=a<script>", null, HttpMethod.Get, 400),
                ("/claudemesh/login", null, HttpMethod.Get, 404),
                ("/", null, HttpMethod.Get, 404),
                ("/claudemesh/login?code=x", "evil.example.com", HttpMethod.Get, 421),
                ("/claudemesh/login?code=x", null, HttpMethod.Post, 405),
            })
            {
                using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{port}{path}"));
                if (host is not null)
                    request.Headers.Host = host;
                using HttpResponseMessage answer = await browser.SendAsync(request);
                Assert.Equal((path, status), (path, (int)answer.StatusCode));
                Assert.DoesNotContain(broker.UserId, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            await broker.ApproveAsync(prompt);
        });
        Assert.NotNull(end.Done);
    }

    [Fact]
    public async Task A_new_refresh_token_is_on_the_disk_before_its_access_token_is_used()
    {
        await LoginRun.OkAsync(daemon, broker);
        await daemon.RestartAsync();
        var seen = new System.Collections.Concurrent.ConcurrentQueue<bool>();
        broker.WhenAsked = () => seen.Enqueue(File.ReadAllText(LoginRun.FileOf(daemon)).Contains($"\"{broker.RefreshTokens.Last()}\"", StringComparison.Ordinal));
        await Ok.Async(daemon.Client.ListAccountsAsync(asks: true, default));
        Assert.Equal(2, broker.RefreshTokens.Count);
        Assert.NotEmpty(seen);
        Assert.All(seen, Assert.True);
    }

    [Fact]
    public async Task Many_requests_at_once_renew_the_access_token_once()
    {
        await LoginRun.OkAsync(daemon, broker);
        await daemon.RestartAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => daemon.Client.ListAccountsAsync(asks: true, default)));
        Assert.Equal(2, broker.RefreshTokens.Count);
    }

    [Fact]
    [Trait("cli", "7 drift: a question who one is that signs one out")]
    public async Task Asking_who_one_is_signs_nobody_out_whatever_the_broker_says()
    {
        await LoginRun.OkAsync(daemon, broker);
        broker.BelievesTokens = false;
        MyAccount doubted = Assert.Single((await Ok.Async(daemon.Client.ListAccountsAsync(asks: true, default))).Accounts);
        Assert.NotNull(doubted.Stale);
        Assert.Equal(AccountStates.SignedIn, doubted.State);

        broker.RefreshError = "invalid_grant";
        await daemon.RestartAsync();
        MyAccount ended = Assert.Single((await Ok.Async(daemon.Client.ListAccountsAsync(asks: true, default))).Accounts);
        Assert.Equal(AccountStates.SignedOut, ended.State);

        JsonNode kept = JsonNode.Parse(await File.ReadAllTextAsync(LoginRun.FileOf(daemon)))!["logins"]![0]!;
        Assert.Equal(broker.Secret.Expose().ToArray(), Convert.FromBase64String(kept["secrets"]!["account"]!.GetValue<string>()));

        // The same machine signs in again, as a device of the same account.
        (broker.RefreshError, broker.BelievesTokens) = (null, true);
        Assert.Equal(AccountStates.SignedIn, (await LoginRun.OkAsync(daemon, broker)).Account.State);
    }

    [Fact]
    public async Task Who_one_is_can_be_asked_without_the_broker()
    {
        LoggedIn done = await LoginRun.OkAsync(daemon, broker);
        await broker.DisposeAsync();
        MyAccount account = Assert.Single((await Ok.Async(daemon.Client.ListAccountsAsync(asks: true, default))).Accounts);
        Assert.Equal((done.Account.Username, AccountStates.SignedIn), (account.Username, account.State));
        Assert.Contains("cannot be reached", account.Stale!, StringComparison.Ordinal);
        Assert.NotNull(account.ConfirmedAt);
    }

    [Fact]
    public async Task Logging_out_deletes_the_secret_and_tells_the_broker()
    {
        await LoginRun.OkAsync(daemon, broker);
        string refresh = broker.RefreshTokens.Last();
        string secret = Convert.ToBase64String(broker.Secret.Expose());
        LoggedOut done = await Ok.Async(daemon.Client.LogOutAsync(new Logout(Final: true), default));
        Assert.True(done.Told);
        Assert.Contains(refresh, broker.Revoked);
        string file = await File.ReadAllTextAsync(LoginRun.FileOf(daemon));
        Assert.DoesNotContain(secret, file, StringComparison.Ordinal);
        Assert.DoesNotContain("cmr_", file, StringComparison.Ordinal);

        await Ok.Async(daemon.Client.LogOutAsync(new Logout(Wipe: true), default));
        Assert.Empty((await Ok.Async(daemon.Client.ListAccountsAsync(asks: false, default))).Accounts);
    }

    [Fact]
    public async Task Logging_out_the_last_that_opens_the_account_is_said_to_be_final_first()
    {
        await LoginRun.OkAsync(daemon, broker);
        LocalReply<LoggedOut> refused = await daemon.Client.LogOutAsync(new Logout(), default);
        Assert.Equal(LocalErrors.LastWayIn, refused.Problem!.Error);
        Assert.Contains("lost for good", refused.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(AccountStates.SignedIn, Assert.Single((await Ok.Async(daemon.Client.ListAccountsAsync(asks: false, default))).Accounts).State);
    }

    [Fact]
    public async Task The_account_is_not_at_a_workspaces_own_door()
    {
        await using Brokers.ScriptedBroker mesh = await Brokers.ScriptedBroker.StartAsync();
        await Ok.Async(daemon.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", mesh.Address, "alice"), default));
        LocalReply<AccountList> asked = await daemon.At("acme").ListAccountsAsync(asks: false, default);
        Assert.Equal(LocalErrors.Forbidden, asked.Problem!.Error);
    }
}
