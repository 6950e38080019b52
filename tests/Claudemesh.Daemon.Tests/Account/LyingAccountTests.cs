using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>A broker that wants to be its user: each lie is refused, and nothing of it is kept.</summary>
public sealed class LyingAccountTests : IAsyncLifetime
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
    public async Task A_secret_that_the_broker_made_itself_is_not_taken()
    {
        await RefusedAsync(async prompt =>
        {
            // It knows everything but the pairing secret, which it was never sent.
            using PairingSecret guessed = PairingSecret.Generate();
            using AccountSecret planted = AccountSecret.Generate();
            using SigningKey device = SigningKey.Generate();
            ScriptedAccounts.Request request = broker.FindRequest(prompt.UserCode);
            request.Approval = ScriptedAccounts.Approve(request, guessed, planted, device, broker.UserId, 1);
            await broker.ReleaseAsync(prompt);
        });
    }

    [Fact]
    public async Task An_approval_of_another_machines_key_is_not_taken()
    {
        using SigningKey theirs = SigningKey.Generate();
        await RefusedAsync(async prompt =>
        {
            ScriptedAccounts.Request real = broker.FindRequest(prompt.UserCode);
            var swapped = new ScriptedAccounts.Request(real.UserCode, theirs.Public, real.Name, null);
            real.Approval = ScriptedAccounts.Approve(swapped, PairingOf(prompt), broker.Secret, broker.Laptop, broker.UserId, 1);
            await broker.ReleaseAsync(prompt);
        });
    }

    [Fact]
    public async Task An_approval_of_an_earlier_request_is_not_taken_again()
    {
        JsonNode? earlier = null;
        await using RunningDaemon first = await RunningDaemon.StartAsync();
        await LoginRun.RunAsync(first, new StartLogin(broker.Address, "box"), async prompt =>
        {
            await broker.ApproveAsync(prompt);
            earlier = broker.FindRequest(prompt.UserCode).Approval;
        });

        broker.Tamper = (answer, _) =>
        {
            answer["approval"] = earlier!.DeepClone();
            return answer;
        };
        await RefusedAsync(broker.ApproveAsync);
    }

    [Fact]
    public async Task The_box_of_another_request_is_not_taken()
    {
        string? box = null;
        await using RunningDaemon first = await RunningDaemon.StartAsync();
        await LoginRun.RunAsync(first, new StartLogin(broker.Address, "box"), async prompt =>
        {
            await broker.ApproveAsync(prompt);
            box = broker.FindRequest(prompt.UserCode).Approval!["box"]!.GetValue<string>();
        });

        broker.Tamper = (answer, _) =>
        {
            answer["approval"]!["box"] = box;
            return answer;
        };
        await RefusedAsync(broker.ApproveAsync);
    }

    [Fact]
    public async Task An_approval_under_another_code_is_not_taken() => await RefusedAsync(async prompt =>
    {
        ScriptedAccounts.Request request = broker.FindRequest(prompt.UserCode);
        request.Approval = ScriptedAccounts.Approve(request, PairingOf(prompt), broker.Secret, broker.Laptop, broker.UserId, 1, userCode: "ZZZZ-9999");
        await broker.ReleaseAsync(prompt);
    });

    [Theory]
    [InlineData("sub")]
    [InlineData("access_token")]
    public async Task Tokens_of_another_account_are_thrown_away(string where)
    {
        broker.Tamper = (answer, _) =>
        {
            answer[where] = where == "sub" ? "user2" : ScriptedAccounts.Jwt("user2");
            return answer;
        };
        await RefusedAsync(broker.ApproveAsync);
    }

    [Fact]
    public async Task A_secret_that_is_not_of_the_account_key_that_was_signed_is_not_taken()
    {
        broker.Tamper = (answer, _) =>
        {
            // One byte inside the account key that the text names; the signatures stay those of the real one.
            byte[] text = Convert.FromBase64String(answer["approval"]!["text"]!.GetValue<string>());
            int at = text.AsSpan().IndexOf(broker.AccountKey.Span);
            text[at] ^= 1;
            answer["approval"]!["text"] = Convert.ToBase64String(text);
            return answer;
        };
        await RefusedAsync(broker.ApproveAsync);
    }

    [Theory]
    [InlineData("accountSig")]
    [InlineData("deviceSig")]
    [InlineData("box")]
    public async Task One_changed_bit_in_what_was_signed_or_sealed_is_enough(string field)
    {
        broker.Tamper = (answer, _) =>
        {
            byte[] bytes = Convert.FromBase64String(answer["approval"]![field]!.GetValue<string>());
            bytes[^1] ^= 1;
            answer["approval"]![field] = Convert.ToBase64String(bytes);
            return answer;
        };
        await RefusedAsync(broker.ApproveAsync);
    }

    [Fact]
    public async Task Tokens_without_an_approval_are_thrown_away() => await RefusedAsync(broker.ReleaseAsync);

    [Fact]
    public async Task A_machine_that_was_of_an_account_is_not_given_to_another_by_the_broker()
    {
        await LoginRun.OkAsync(daemon, broker);
        await Ok.Async(daemon.Client.LogOutAsync(new Logout(Final: true), default));
        string before = await File.ReadAllTextAsync(LoginRun.FileOf(daemon));

        broker.UserId = "user2";
        LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), broker.ApproveAsync);
        Assert.Equal((LocalErrors.AnotherAccount, (int)ExitCode.Denied), (end.Problem!.Error, end.Problem.ExitCode));
        Assert.Equal(before, await File.ReadAllTextAsync(LoginRun.FileOf(daemon)));
    }

    [Fact]
    public async Task A_machine_that_was_of_an_account_takes_no_other_secret_of_it_that_the_one_before_has_not_signed()
    {
        await LoginRun.OkAsync(daemon, broker);
        await Ok.Async(daemon.Client.LogOutAsync(new Logout(Final: true), default));
        broker.Secret = AccountSecret.Generate();

        LoginStep same = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), broker.ApproveAsync);
        Assert.Equal(LocalErrors.AnotherAccount, same.Problem!.Error);

        broker.Generation = 2;
        LoginStep next = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), broker.ApproveAsync);
        Assert.NotNull(next.Problem);
        Assert.Equal(AccountStates.LoggedOut, Assert.Single((await Ok.Async(daemon.Client.ListAccountsAsync(asks: false, default))).Accounts).State);
    }

    private static PairingSecret PairingOf(LoginPrompt prompt)
    {
        Assert.True(PairingSecret.TryParseTyped(prompt.Pairing, out PairingSecret? pairing));
        return pairing!;
    }

    private async Task RefusedAsync(Func<LoginPrompt, Task> lie)
    {
        LoginStep end = await LoginRun.RunAsync(daemon, new StartLogin(broker.Address, "box"), lie);
        Assert.Equal((LocalErrors.NotApproved, (int)ExitCode.Denied), (end.Problem?.Error, end.Problem?.ExitCode));
        Assert.Contains("not approved by your device", end.Problem!.Detail, StringComparison.Ordinal);
        Assert.False(File.Exists(LoginRun.FileOf(daemon)));
        Assert.Empty((await Ok.Async(daemon.Client.ListAccountsAsync(asks: false, default))).Accounts);
    }
}
