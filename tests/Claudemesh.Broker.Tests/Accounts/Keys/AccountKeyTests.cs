using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.Keys;

/// <summary>An account's first key: stored if there is none, and only as its device and the key itself have signed it.</summary>
public sealed class AccountKeyTests : IAsyncLifetime
{
    private TestBroker broker = null!;

    public async ValueTask InitializeAsync() => broker = await TestBroker.StartAsync();

    public ValueTask DisposeAsync() => broker.DisposeAsync();

    [Fact]
    public async Task A_new_account_has_no_key_until_a_device_has_made_its_secret()
    {
        using Person ann = Person.Of(await TestAccount.CreateAsync(broker, "ann"));
        Assert.Equal((404, "no_account_key"), Refusal(await ann.GetAsync("/api/my/key")));
        Assert.Empty((await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray());

        RestAnswer made = await ann.MakeKeyAsync(deviceName: "Ann's browser");
        RestAnswer read = await ann.GetAsync("/api/my/key");

        Assert.Equal(201, made.Status);
        Assert.Equal(made.Text, read.Text);
        Assert.Equal((1, ann.AccountKey.ToString()), ((int)read.Body!["generation"]!, (string)read.Body["accountPub"]!));
        Assert.Equal(ann.Device.Public.ToString(), (string)read.Body["record"]!["devicePub"]!);
        Assert.Empty(read.Body["history"]!.AsArray());
        var device = Assert.Single((await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray())!;
        Assert.Equal(("Ann's browser", "browser", true), ((string)device["name"]!, (string)device["kind"]!, (bool)device["current"]!));
        Assert.Null(device["approvedBy"]);
    }

    [Fact]
    public async Task Of_two_devices_that_make_a_secret_at_once_one_wins_and_the_other_is_told()
    {
        using Person first = Person.Of(await TestAccount.CreateAsync(broker, "ann"));
        using Person second = Person.Of(await first.Account!.SignInAgainAsync(broker));

        RestAnswer[] answers = await Task.WhenAll(first.MakeKeyAsync(), second.MakeKeyAsync());

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal((409, "account_key_exists"), Refusal(answers.Single(answer => answer.Status != 201)));
        string winner = (answers[0].Status == 201 ? first : second).AccountKey.ToString();
        Assert.Equal(winner, (string)(await first.GetAsync("/api/my/key")).Body!["accountPub"]!);
        Assert.Single((await first.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray());
    }

    [Fact]
    public async Task A_first_key_that_is_not_as_it_must_be_is_refused()
    {
        using Person ann = Person.Of(await TestAccount.CreateAsync(broker, "ann"));
        using SigningKey other = SigningKey.Generate();
        AccountText good = new(ann.Id.Value, 1, ann.AccountKey, ann.Device.Public, ann.Now);
        (AccountText Text, string Code)[] wrong =
        [
            (good with { UserId = "somebody" }, "account_text_refused"),
            (good with { Generation = 2 }, "account_text_refused"),
            (good with { Account = other.Public }, "account_text_refused"),
            (good with { Device = other.Public }, "account_text_refused"),
            (good with { At = good.At - 3_600_000 }, "clock_skew"),
        ];
        foreach ((AccountText text, string code) in wrong)
            Assert.Equal(code, (await ann.MakeKeyAsync(text)).Code);

        AccountKeyCreate body = ann.FirstKey(good);
        Assert.Equal("account_text_refused", await PostAsync(ann, body with { Text = [1, 2, 3] }));
        Assert.Equal("account_text_refused", await PostAsync(ann, body with { AccountSig = body.DeviceSig }));
        Assert.Equal("account_text_refused", await PostAsync(ann, body with { DeviceSig = body.AccountSig }));
        Assert.Equal("invalid_args", await PostAsync(ann, body with { DeviceSig = [] }));
        Assert.Equal("invalid_args", (await ann.SendTextAsync(HttpMethod.Post, "/api/my/key", """{"text":"AA=="}""")).Code);
        Assert.Equal("no_account_key", (await ann.GetAsync("/api/my/key")).Code);
        Assert.Equal(201, (await ann.MakeKeyAsync(good)).Status);
    }

    [Fact]
    public async Task A_device_that_recovered_the_secret_lets_itself_in_and_its_session_is_its_own()
    {
        using Person ann = await Person.StartAsync(broker);
        using Person recovered = ann.With(await ann.Account!.SignInAgainAsync(broker));

        Assert.Equal(204, (await recovered.AddSelfAsync()).Status);
        var devices = (await recovered.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray();
        Assert.Equal([false, true], devices.Select(device => (bool)device!["current"]!));
        Assert.Equal(recovered.Device.Public.ToString(), (string)devices[1]!["approvedBy"]!);

        // Once more changes nothing, and a session is of one device.
        Assert.Equal(204, (await recovered.AddSelfAsync()).Status);
        Assert.Equal(2, (await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray().Count);
        using Person third = ann.At(recovered.Http, SigningKey.Generate());
        Assert.Equal("approval_refused", (await third.AddSelfAsync()).Code);
    }

    [Fact]
    public async Task Who_does_not_have_the_secret_does_not_let_himself_in()
    {
        using Person ann = await Person.StartAsync(broker);
        using Person thief = Person.Of(await ann.Account!.SignInAgainAsync(broker));
        using SigningKey other = SigningKey.Generate();

        // Signed with a secret of his own, and in the name of the account's key.
        Assert.Equal("account_key_moved", (await thief.AddSelfAsync()).Code);
        Assert.Equal("approval_refused", (await thief.AddSelfAsync(thief.SelfText() with { Account = ann.AccountKey })).Code);

        // One who has it approves himself alone, with a code of nobody, under a name that can be shown.
        DeviceApprovalText text = ann.With(thief.Account!).SelfText();
        Assert.Equal("approval_refused", (await ann.AddSelfAsync(ann.SelfText() with { Device = other.Public })).Code);
        Assert.Equal("approval_refused", (await ann.AddSelfAsync(ann.SelfText() with { UserCode = "BCDF-GHJK" })).Code);
        Assert.Equal("approval_refused", (await ann.AddSelfAsync(ann.SelfText() with { DeviceName = "two\nlines" })).Code);
        Assert.Equal("account_key_moved", (await ann.AddSelfAsync(ann.SelfText() with { Generation = 2 })).Code);
        Assert.Equal("approval_refused", (await ann.AddSelfAsync(text)).Code);
        Assert.Single((await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray());
    }

    [Fact]
    public async Task A_device_that_is_taken_off_the_list_is_signed_out_at_once()
    {
        using Person ann = await Person.StartAsync(broker);
        using NewMachine machine = await NewMachine.AskAsync(broker);
        await ann.ApproveAsync(machine, machine.Name);
        RestAnswer tokens = await machine.FetchAsync();
        using HttpClient http = NewMachine.SignedIn(broker, tokens.Body!);
        using Person there = ann.At(http, machine.Key);
        Assert.Equal(200, (await there.GetAsync("/api/my/devices")).Status);

        Assert.Equal(204, (await ann.DeleteAsync($"/api/my/devices/{machine.Key.Public}")).Status);

        Assert.Equal((401, "token_invalid"), Refusal(await there.GetAsync("/api/my/devices")));
        Assert.Equal("invalid_grant", (string?)(await RefreshAsync((string)tokens.Body!["refresh_token"]!)).Body!["error"]);
        Assert.Equal((404, "device_not_found"), Refusal(await ann.DeleteAsync($"/api/my/devices/{machine.Key.Public}")));
        Assert.Equal((404, "device_not_found"), Refusal(await ann.DeleteAsync("/api/my/devices/nonsense")));
    }

    [Fact]
    public async Task A_device_that_is_removed_before_it_came_gets_nothing()
    {
        using Person ann = await Person.StartAsync(broker);
        using NewMachine machine = await NewMachine.AskAsync(broker);
        await ann.ApproveAsync(machine, machine.Name);

        Assert.Equal(204, (await ann.DeleteAsync($"/api/my/devices/{machine.Key.Public}")).Status);
        Assert.Equal("access_denied", (string?)(await machine.FetchAsync()).Body!["error"]);
    }

    [Fact]
    public async Task An_account_sees_nothing_of_another()
    {
        using Person ann = await Person.StartAsync(broker);
        using Person eve = await Person.StartAsync(broker, "eve");

        Assert.Equal((404, "device_not_found"), Refusal(await eve.DeleteAsync($"/api/my/devices/{ann.Device.Public}")));
        Assert.DoesNotContain(ann.Device.Public.ToString(), (await eve.GetAsync("/api/my/devices")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(ann.AccountKey.ToString(), (await eve.GetAsync("/api/my/key")).Text, StringComparison.Ordinal);
        foreach (string path in new[] { "key", "devices", "recovery", "vault", "renewal/2", "device-requests/BCDF-GHJK" })
        {
            RestAnswer answer = await RestAnswer.ReadAsync(await broker.Http.GetAsync(new Uri($"/api/my/{path}", UriKind.Relative)));
            Assert.Equal((401, "sign_in_required"), Refusal(answer));
        }
    }

    private static async Task<string?> PostAsync(Person person, AccountKeyCreate body) => (await person.SendAsync(HttpMethod.Post, "/api/my/key", body)).Code;

    private static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);

    private Task<RestAnswer> RefreshAsync(string token) => NewMachine.PostAsync(
        broker.Http, "/oauth/token", new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = token, ["client_id"] = NewMachine.Client });
}
