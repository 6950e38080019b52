using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Devices;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Devices;

/// <summary>A machine asks, a person says yes or no, the machine fetches its tokens: the rules of RFC 8628 and what keys.md adds.</summary>
public sealed class DeviceFlowTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private TestBroker broker = null!;
    private Person ann = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync(clock);
        ann = await Person.StartAsync(broker, clock: clock);
    }

    public async ValueTask DisposeAsync()
    {
        ann.Dispose();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_machine_that_was_approved_gets_tokens_and_the_account_secret_that_only_it_can_open()
    {
        using NewMachine machine = await AskAsync();
        Assert.Equal((600, 5), ((int)machine.Started["expires_in"]!, (int)machine.Started["interval"]!));
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", machine.UserCode);
        Assert.EndsWith("/device", (string)machine.Started["verification_uri"]!, StringComparison.Ordinal);
        Assert.EndsWith($"/device?code={machine.UserCode}", (string)machine.Started["verification_uri_complete"]!, StringComparison.Ordinal);

        JsonObject shown = (await ann.GetAsync($"/api/my/device-requests/{machine.UserCode.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal)}")).Body!;
        Assert.Equal((machine.Name, machine.Key.Public.ToString(), false), ((string)shown["deviceName"]!, (string)shown["devicePub"]!, (bool)shown["sameComputer"]!));
        Assert.Equal("authorization_pending", await ErrorAsync(machine.FetchAsync()));

        Assert.Equal(200, (await ann.ApproveAsync(machine, typedName: " LAPTOP ")).Status);
        RestAnswer tokens = await machine.FetchAsync();

        Assert.Equal(200, tokens.Status);
        Assert.Equal(("Bearer", ann.Id.Value), ((string)tokens.Body!["token_type"]!, (string)tokens.Body["sub"]!));
        using AccountSecret? opened = machine.Open(tokens.Body);
        Assert.Equal(ann.Secret.Expose(), opened!.Expose());
        using HttpClient http = NewMachine.SignedIn(broker, tokens.Body);
        using Person there = ann.At(http, machine.Key);
        Assert.Equal(["a browser false", "laptop true"], (await there.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray()
            .Select(device => $"{(string)device!["name"]!} {((bool)device["current"]! ? "true" : "false")}"));
    }

    [Fact]
    public async Task A_machine_that_asks_too_fast_waits_five_seconds_longer_each_time()
    {
        using NewMachine machine = await AskAsync();
        Assert.Equal("authorization_pending", await ErrorAsync(machine.FetchAsync()));
        Assert.Equal("slow_down", await ErrorAsync(machine.FetchAsync()));

        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("slow_down", await ErrorAsync(machine.FetchAsync()));
        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal("slow_down", await ErrorAsync(machine.FetchAsync()));
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("authorization_pending", await ErrorAsync(machine.FetchAsync()));

        // The answer is not held back from who was impatient.
        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name)).Status);
        Assert.Equal(200, (await machine.FetchAsync()).Status);
    }

    [Fact]
    public async Task A_code_is_over_after_ten_minutes_for_the_machine_and_for_who_would_approve_it()
    {
        using NewMachine machine = await AskAsync();
        clock.Advance(TimeSpan.FromMinutes(4));
        DeviceApprove late = ann.Approval(machine, machine.Name);
        clock.Advance(TimeSpan.FromMinutes(6));
        using Person again = await ann.SignInAgainAsync(broker);

        Assert.Equal("expired_token", await ErrorAsync(machine.FetchAsync()));
        Assert.Equal((410, "device_request_expired"), Refusal(await again.ApproveAsync(machine.UserCode, late)));
        Assert.Equal((410, "device_request_expired"), Refusal(await again.GetAsync($"/api/my/device-requests/{machine.UserCode}")));
        Assert.Equal((410, "device_request_expired"), Refusal(await again.DenyAsync(machine.UserCode)));
    }

    [Fact]
    public async Task An_approved_device_that_does_not_come_in_time_is_none()
    {
        using NewMachine machine = await AskAsync();
        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name)).Status);
        Assert.Equal(2, (await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray().Count);

        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("expired_token", await ErrorAsync(machine.FetchAsync()));
        using Person later = await ann.SignInAgainAsync(broker);
        Assert.Single((await later.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray());
    }

    [Fact]
    public async Task A_machine_that_was_denied_is_told_so_and_gets_nothing()
    {
        using NewMachine machine = await AskAsync();
        Assert.Equal(204, (await ann.DenyAsync(machine.UserCode)).Status);

        Assert.Equal("access_denied", await ErrorAsync(machine.FetchAsync()));
        Assert.Equal((409, "device_request_decided"), Refusal(await ann.ApproveAsync(machine, machine.Name)));
        Assert.Equal((409, "device_request_decided"), Refusal(await ann.DenyAsync(machine.UserCode)));
    }

    [Fact]
    public async Task A_device_code_is_good_for_tokens_once()
    {
        using NewMachine machine = await AskAsync();
        await ann.ApproveAsync(machine, machine.Name);

        RestAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => machine.FetchAsync()));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal("invalid_grant", (string)answer.Body!["error"]!));
        Assert.Equal("invalid_grant", await ErrorAsync(machine.FetchAsync()));
    }

    [Fact]
    public async Task Who_has_the_code_alone_gets_neither_tokens_nor_a_word_about_the_request()
    {
        using NewMachine machine = await AskAsync();
        using SigningKey thief = SigningKey.Generate();
        await ann.ApproveAsync(machine, machine.Name);

        Assert.Equal("invalid_grant", await ErrorAsync(machine.FetchAsync(signer: thief)));
        Assert.Equal("invalid_grant", await ErrorAsync(WithAsync(machine, "device_pub", thief.Public.ToString())));
        Assert.Equal("invalid_grant", await ErrorAsync(WithAsync(machine, "client_id", "claudemesh-page")));
        Assert.Equal("invalid_grant", await ErrorAsync(WithAsync(machine, "client_id", null)));
        Assert.Equal(200, (await machine.FetchAsync()).Status);
    }

    [Theory]
    [InlineData("device_code", "nonsense", "invalid_grant")]
    [InlineData("device_code", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "invalid_grant")]
    [InlineData("device_code", null, "invalid_grant")]
    [InlineData("device_pub", "ABC", "invalid_request")]
    [InlineData("device_pub", null, "invalid_request")]
    [InlineData("proof", "not base64", "invalid_request")]
    [InlineData("proof", "AAAA", "invalid_request")]
    [InlineData("proof", null, "invalid_request")]
    [InlineData("at", "-1", "invalid_request")]
    [InlineData("at", "99999999999999999999", "invalid_request")]
    [InlineData("at", null, "invalid_request")]
    [InlineData("loopback_code", "no", "invalid_grant")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("grant_type", null, "invalid_request")]
    public async Task Nonsense_in_a_field_of_the_question_is_refused_in_the_form_of_oauth(string field, string? value, string error)
    {
        using NewMachine machine = await AskAsync();
        RestAnswer answer = await WithAsync(machine, field, value);

        Assert.Equal((400, error), (answer.Status, (string?)answer.Body!["error"]));
        Assert.NotEmpty((string)answer.Body["error_description"]!);
    }

    [Theory]
    [InlineData("client_id", "somebody", "invalid_client")]
    [InlineData("client_id", null, "invalid_client")]
    [InlineData("scope", "everything", "invalid_request")]
    [InlineData("device_pub", "00", "invalid_request")]
    [InlineData("device_pub", "0100000000000000000000000000000000000000000000000000000000000000", "invalid_request")]
    [InlineData("device_pub", null, "invalid_request")]
    [InlineData("device_name", " x", "invalid_request")]
    [InlineData("device_name", "two\nlines", "invalid_request")]
    [InlineData("device_name", null, "invalid_request")]
    [InlineData("platform", "\u202eevil", "invalid_request")]
    [InlineData("loopback_port", "0", "invalid_request")]
    [InlineData("loopback_port", "65536", "invalid_request")]
    [InlineData("loopback_port", "http", "invalid_request")]
    public async Task Nonsense_in_a_field_of_a_new_request_is_refused_in_the_form_of_oauth(string field, string? value, string error)
    {
        using NewMachine machine = await AskAsync();
        Dictionary<string, string> form = machine.Wish();
        form.Remove(field);
        if (value is not null)
            form[field] = value;
        RestAnswer answer = await NewMachine.PostAsync(broker.Http, "/oauth/device_authorization", form);

        Assert.Equal((error is "invalid_client" ? 401 : 400, error), (answer.Status, (string?)answer.Body!["error"]));
        Assert.NotEmpty((string)answer.Body["error_description"]!);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-9)]
    public async Task A_clock_that_is_minutes_off_is_no_hindrance(int minutes)
    {
        using NewMachine machine = await AskAsync();
        Assert.Equal("authorization_pending", await ErrorAsync(machine.FetchAsync(skew: TimeSpan.FromMinutes(minutes))));

        DeviceApprovalText text = ann.TextFor(machine);
        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name, text with { At = text.At + minutes * 60_000 })).Status);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-11)]
    public async Task A_clock_that_is_far_off_is_named_as_the_reason(int minutes)
    {
        using NewMachine machine = await AskAsync();
        RestAnswer answer = await machine.FetchAsync(skew: TimeSpan.FromMinutes(minutes));
        Assert.Equal("invalid_request", (string?)answer.Body!["error"]);
        Assert.Contains("clock", (string)answer.Body["error_description"]!, StringComparison.Ordinal);

        DeviceApprovalText text = ann.TextFor(machine);
        Assert.Equal((400, "clock_skew"), Refusal(await ann.ApproveAsync(machine, machine.Name, text with { At = text.At + minutes * 60_000 })));
    }

    [Fact]
    public async Task Tokens_of_a_machine_on_the_same_computer_are_released_for_the_code_that_the_page_brought_alone()
    {
        using NewMachine machine = await AskAsync(loopbackPort: 4711);
        JsonObject shown = (await ann.GetAsync($"/api/my/device-requests/{machine.UserCode}")).Body!;
        Assert.True((bool)shown["sameComputer"]!);

        JsonObject loopback = (JsonObject)(await ann.ApproveAsync(machine)).Body!["loopback"]!;
        Assert.Equal(4711, (int)loopback["port"]!);
        string code = (string)loopback["code"]!;

        Assert.Equal("authorization_pending", await ErrorAsync(machine.FetchAsync()));
        Assert.Equal("invalid_grant", await ErrorAsync(machine.FetchAsync(OneTimeCode.Generate().Reveal())));
        RestAnswer tokens = await machine.FetchAsync(code);
        Assert.Equal(200, tokens.Status);
        Assert.NotNull(machine.Open(tokens.Body!));
        Assert.Equal("invalid_grant", await ErrorAsync(machine.FetchAsync(code)));
    }

    [Fact]
    public async Task A_remote_machine_is_approved_only_with_its_name_typed()
    {
        using NewMachine remote = await AskAsync();
        Assert.Equal((400, "device_name_not_typed"), Refusal(await ann.ApproveAsync(remote)));
        Assert.Equal((400, "device_name_not_typed"), Refusal(await ann.ApproveAsync(remote, "desktop")));
        JsonObject approved = (await ann.ApproveAsync(remote, "laptop")).Body!;
        Assert.False(approved.ContainsKey("loopback"));
        Assert.Equal(200, (await remote.FetchAsync()).Status);
    }

    [Fact]
    public async Task A_machine_that_can_be_reached_is_approved_as_remote_by_its_name()
    {
        using NewMachine machine = await AskAsync(loopbackPort: 4711);
        Assert.Equal((400, "device_name_not_typed"), Refusal(await ann.ApproveAsync(machine, "desktop")));
        JsonObject approved = (await ann.ApproveAsync(machine, "laptop")).Body!;

        Assert.False(approved.ContainsKey("loopback"));
        Assert.Equal(200, (await machine.FetchAsync()).Status);
    }

    [Fact]
    public async Task A_new_device_has_not_proved_its_person_so_it_cannot_take_the_account_over()
    {
        using NewMachine machine = await AskAsync();
        await ann.ApproveAsync(machine, machine.Name);
        RestAnswer tokens = await machine.FetchAsync();
        using HttpClient http = NewMachine.SignedIn(broker, tokens.Body!);
        using Person there = ann.At(http, machine.Key);
        using NewMachine next = await AskAsync("another");

        Assert.Equal((403, "fresh_authentication_required"), Refusal(await there.ApproveAsync(next, next.Name)));
        Assert.Equal((403, "fresh_authentication_required"), Refusal(await there.RenewAsync([machine.Key.Public], [ann.Device.Public])));
    }

    [Fact]
    public async Task From_one_address_so_many_machines_wait_and_no_more()
    {
        for (int i = 0; i < DeviceRequestStore.WaitingPerAddressMax; i++)
            (await AskAsync()).Dispose();

        using HttpClient elsewhere = Elsewhere();
        using NewMachine last = await AskAsync(http: elsewhere);
        RestAnswer refused = await NewMachine.PostAsync(broker.Http, "/oauth/device_authorization", last.Wish());
        Assert.Equal(429, refused.Status);
        Assert.NotNull(refused.Headers.RetryAfter);

        clock.Advance(DeviceRequest.Life);
        (await AskAsync()).Dispose();
    }

    /// <summary>Behind a proxy on the broker's own machine.</summary>
    private HttpClient Elsewhere()
    {
        HttpClient other = new() { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        other.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.7");
        return other;
    }

    private Task<NewMachine> AskAsync(string name = "laptop", int? loopbackPort = null, HttpClient? http = null) =>
        NewMachine.AskAsync(broker, name, loopbackPort, clock, http);

    private static async Task<string?> ErrorAsync(Task<RestAnswer> asked)
    {
        RestAnswer answer = await asked;
        Assert.Equal(400, answer.Status);
        return (string?)answer.Body!["error"];
    }

    private static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);

    private static Task<RestAnswer> WithAsync(NewMachine machine, string field, string? value)
    {
        Dictionary<string, string> form = machine.Question();
        form.Remove(field);
        if (value is not null)
            form[field] = value;
        return machine.FetchAsync(form);
    }
}
