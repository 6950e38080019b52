using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Devices;

/// <summary>What the broker lets through as a yes: signed by a device of the account, about this request, after a fresh proof, and once.</summary>
public sealed class ApprovalTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private TestBroker broker = null!;
    private Person ann = null!;
    private NewMachine machine = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync(clock);
        ann = await Person.StartAsync(broker, clock: clock);
        machine = await NewMachine.AskAsync(broker, clock: clock);
    }

    public async ValueTask DisposeAsync()
    {
        machine.Dispose();
        ann.Dispose();
        await broker.DisposeAsync();
    }

    [Fact]
    [Trait("rest", "7.1 A2")]
    public async Task Opening_a_link_approves_nothing_and_neither_does_a_click_without_a_fresh_proof_or_the_signed_text()
    {
        // Everything that a browser does by itself when it opens the link.
        Assert.Equal(200, (await ann.GetAsync($"/api/my/device-requests/{machine.UserCode}")).Status);
        Assert.Equal(405, (await ann.GetAsync($"/api/my/device-requests/{machine.UserCode}/approve")).Status);
        Assert.Equal("authorization_pending", (string?)(await machine.FetchAsync()).Body!["error"]);

        Assert.Equal(400, (await ann.SendTextAsync(HttpMethod.Post, Path, "{}")).Status);
        Assert.Equal(400, (await ann.SendTextAsync(HttpMethod.Post, Path, null)).Status);
        Assert.Equal((400, "approval_refused"), Refusal(await ann.ApproveAsync(
            machine.UserCode, ann.Approval(machine, machine.Name) with { Text = [], AccountSig = new byte[64], DeviceSig = new byte[64] })));

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((403, "fresh_authentication_required"), Refusal(await ann.ApproveAsync(machine, machine.Name)));
        Assert.Equal("authorization_pending", (string?)(await machine.FetchAsync()).Body!["error"]);
    }

    [Fact]
    [Trait("rest", "7.1 A1")]
    [Trait("wire", "7.3 #2")]
    public async Task Nobody_approves_without_an_account_whatever_user_he_names()
    {
        string body = $$"""{"user_id":"{{ann.Id.Value}}","text":"","box":"","accountSig":"","deviceSig":""}""";
        using StringContent content = new(body, System.Text.Encoding.UTF8, "application/json");
        Assert.Equal((401, "sign_in_required"), Refusal(await RestAnswer.ReadAsync(await broker.Http.PostAsync(new Uri(Path, UriKind.Relative), content))));
        foreach (string path in new[] { $"/cli/device-code/{machine.DeviceCode}/approve", "/cli/token", "/cli/device-code" })
        {
            using StringContent old = new(body, System.Text.Encoding.UTF8, "application/json");
            Assert.Equal(404, (int)(await broker.Http.PostAsync(new Uri(path, UriKind.Relative), old)).StatusCode);
        }

        Assert.Equal("authorization_pending", (string?)(await machine.FetchAsync()).Body!["error"]);
    }

    [Fact]
    public async Task Of_two_devices_that_approve_at_once_one_wins_and_the_other_is_told()
    {
        using Person second = await SecondDeviceAsync();
        Task<RestAnswer>[] both = [ann.ApproveAsync(machine, machine.Name), second.ApproveAsync(machine, machine.Name)];
        RestAnswer[] answers = await Task.WhenAll(both);

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal((409, "device_request_decided"), Refusal(answers.Single(answer => answer.Status != 200)));
        RestAnswer tokens = await machine.FetchAsync();
        Assert.NotNull(machine.Open(tokens.Body!));
    }

    [Fact]
    public async Task Of_an_approval_and_a_denial_at_once_one_wins()
    {
        RestAnswer[] answers = await Task.WhenAll(ann.ApproveAsync(machine, machine.Name), ann.DenyAsync(machine.UserCode));

        Assert.Single(answers, answer => answer.Status is 200 or 204);
        RestAnswer fetched = await machine.FetchAsync();
        Assert.Equal(answers[0].Status == 200 ? null : "access_denied", (string?)fetched.Body!["error"]);
    }

    [Fact]
    public async Task An_approval_of_one_request_is_refused_for_another()
    {
        DeviceApprove first = ann.Approval(machine, machine.Name);
        using NewMachine other = await NewMachine.AskAsync(broker, clock: clock);
        Assert.Equal(200, (await ann.ApproveAsync(machine.UserCode, first)).Status);

        Assert.Equal((400, "approval_refused"), Refusal(await ann.ApproveAsync(other.UserCode, first)));
        Assert.Equal((409, "device_request_decided"), Refusal(await ann.ApproveAsync(machine.UserCode, first)));
        Assert.Equal("authorization_pending", (string?)(await other.FetchAsync()).Body!["error"]);
    }

    [Fact]
    public async Task Each_field_of_the_text_must_be_what_the_broker_knows()
    {
        using SigningKey other = SigningKey.Generate();
        DeviceApprovalText good = ann.TextFor(machine);
        (DeviceApprovalText Text, string Code)[] wrong =
        [
            (good with { UserId = "somebody" }, "approval_refused"),
            (good with { UserCode = "BCDF-GHJK" }, "approval_refused"),
            (good with { UserCode = "" }, "approval_refused"),
            (good with { Device = other.Public }, "approval_refused"),
            (good with { DeviceName = "LAPTOP" }, "approval_refused"),
            (good with { Account = other.Public }, "approval_refused"),
            (good with { Generation = 2 }, "account_key_moved"),
            (good with { ApproverDevice = other.Public }, "approval_refused"),
            (good with { At = good.At + 3_600_000 }, "clock_skew"),
        ];
        foreach ((DeviceApprovalText text, string code) in wrong)
            Assert.Equal(code, (await ann.ApproveAsync(machine, machine.Name, text)).Code);

        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name, good)).Status);
    }

    [Fact]
    public async Task No_bit_of_a_signature_may_be_another_and_no_length_either()
    {
        DeviceApprove good = ann.Approval(machine, machine.Name);
        byte[] spoilt = [.. good.AccountSig];
        spoilt[5] ^= 1;
        Assert.Equal("approval_refused", (await ann.ApproveAsync(machine.UserCode, good with { AccountSig = spoilt })).Code);
        Assert.Equal("approval_refused", (await ann.ApproveAsync(machine.UserCode, good with { DeviceSig = spoilt })).Code);
        Assert.Equal("approval_refused", (await ann.ApproveAsync(machine.UserCode, good with { AccountSig = good.DeviceSig, DeviceSig = good.AccountSig })).Code);
        Assert.Equal("approval_refused", (await ann.ApproveAsync(machine.UserCode, good with { Text = [.. good.Text, 0] })).Code);
        Assert.Equal("invalid_args", (await ann.ApproveAsync(machine.UserCode, good with { AccountSig = [1] })).Code);
        Assert.Equal("invalid_args", (await ann.ApproveAsync(machine.UserCode, good with { Box = [] })).Code);
        Assert.Equal("invalid_args", (await ann.ApproveAsync(machine.UserCode, good with { TypedName = new string('x', 1_000) })).Code);
        Assert.Equal(200, (await ann.ApproveAsync(machine.UserCode, good)).Status);
    }

    [Fact]
    public async Task Another_account_approves_only_with_a_key_of_its_own_which_the_machine_refuses()
    {
        using Person eve = await Person.StartAsync(broker, "eve", clock);
        DeviceApprove stolen = ann.Approval(machine, machine.Name);
        Assert.Equal("approval_refused", (await eve.ApproveAsync(machine.UserCode, stolen)).Code);

        // With everything of her own she is let through: what the machine was not told it does not open.
        using PairingSecret guessed = PairingSecret.Generate();
        DeviceApprovalText text = eve.TextFor(machine);
        Assert.True(DeviceApproval.TryApprove(eve.Secret, eve.Device, guessed, text, out DeviceApproval? hers));
        DeviceApprove body = new(SignedBytes.Of(text), hers!.Box, hers.AccountSignature, hers.DeviceSignature, machine.Name);
        Assert.Equal(200, (await eve.ApproveAsync(machine.UserCode, body)).Status);
        RestAnswer tokens = await machine.FetchAsync();
        Assert.Equal(eve.Id.Value, (string)tokens.Body!["sub"]!);
        Assert.Null(machine.Open(tokens.Body));
    }

    [Fact]
    public async Task A_device_that_was_removed_approves_nothing()
    {
        using Person second = await SecondDeviceAsync();
        Assert.Equal(204, (await ann.DeleteAsync($"/api/my/devices/{second.Device.Public}")).Status);
        using Person thief = await second.SignInAgainAsync(broker);

        Assert.Equal("approval_refused", (await thief.ApproveAsync(machine, machine.Name)).Code);
        Assert.Equal((403, "device_removed"), Refusal(await thief.AddSelfAsync()));
    }

    [Fact]
    public async Task An_account_without_a_key_approves_nothing()
    {
        using Person nobody = Person.Of(await TestAccount.CreateAsync(broker, "nobody"), clock);
        Assert.Equal((404, "no_account_key"), Refusal(await nobody.ApproveAsync(machine, machine.Name)));
    }

    [Fact]
    public async Task Codes_that_are_none_may_be_tried_a_few_times_only()
    {
        for (int i = 0; i < Broker.Accounts.Devices.UserCodeRate.AtOnce; i++)
            Assert.Equal((404, "device_request_not_found"), Refusal(await ann.GetAsync($"/api/my/device-requests/{(i % 2 == 0 ? "BBBB-BBBB" : "nonsense")}")));

        RestAnswer refused = await ann.GetAsync("/api/my/device-requests/BBBB-BBBB");
        Assert.Equal((429, "user_code_rate"), Refusal(refused));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(429, (await ann.ApproveAsync(machine, machine.Name)).Status);

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name)).Status);
    }

    [Fact]
    public async Task A_device_that_lost_its_tokens_logs_in_again_under_its_own_key()
    {
        await ann.ApproveAsync(machine, machine.Name);
        Assert.Equal(200, (await machine.FetchAsync()).Status);
        using NewMachine again = await NewMachine.AskAsync(broker, "renamed", clock: clock, key: SigningKey.FromSeed(machine.Key.ExposeSeed()));
        Assert.Equal(200, (await ann.ApproveAsync(again, "renamed")).Status);

        // It does not come this time, and is a device still.
        clock.Advance(TimeSpan.FromMinutes(10));
        using Person later = await ann.SignInAgainAsync(broker);
        Assert.Equal(["a browser", "renamed"], (await later.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray().Select(device => (string)device!["name"]!));
    }

    [Fact]
    public async Task Every_device_of_the_account_sees_the_record_that_let_the_new_one_in()
    {
        DeviceApprove body = ann.Approval(machine, machine.Name);
        await ann.ApproveAsync(machine.UserCode, body);
        var listed = (await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray()[1]!;

        Assert.Equal(Convert.ToBase64String(body.Text), (string)listed["text"]!);
        Assert.Equal(Convert.ToBase64String(body.AccountSig), (string)listed["accountSig"]!);
        Assert.Equal(Convert.ToBase64String(body.DeviceSig), (string)listed["deviceSig"]!);
        Assert.Equal((ann.Device.Public.ToString(), "device"), ((string)listed["approvedBy"]!, (string)listed["kind"]!));
    }

    private string Path => $"/api/my/device-requests/{machine.UserCode}/approve";

    private static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);

    /// <summary>Another browser of ann's, with the secret, let in.</summary>
    private async Task<Person> SecondDeviceAsync()
    {
        TestAccount account = await ann.Account!.SignInAgainAsync(broker);
        Person second = ann.With(account);
        Assert.Equal(204, (await second.AddSelfAsync()).Status);
        return second;
    }
}
