using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Keys;

/// <summary>The next secret of an account: all of it or nothing, once, and out of the hands of the devices that are removed.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private TestBroker broker = null!;
    private Person ann = null!;
    private NewMachine lost = null!;
    private JsonObject lostTokens = null!;

    private PublicKey[] Staying => [ann.Device.Public];

    private PublicKey[] Removed => [lost.Key.Public];

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync(clock);
        ann = await Person.StartAsync(broker, clock: clock);
        lost = await NewMachine.AskAsync(broker, "lost", clock: clock);
        await ann.ApproveAsync(lost, lost.Name);
        lostTokens = (await lost.FetchAsync()).Body!;
    }

    public async ValueTask DisposeAsync()
    {
        ann.Dispose();
        lost.Dispose();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_renewal_takes_the_account_from_the_lost_device_and_from_every_way_of_recovery()
    {
        using RecoveryKey printed = RecoveryKey.Generate();
        await ann.PutRecoveryAsync("key", new RecoveryPut(RecoveryBlob.SealWithKey(printed, ann.Secret, ann.Id.Value, 1), 1));
        using HttpClient thief = NewMachine.SignedIn(broker, lostTokens);
        PublicKey before = ann.AccountKey;

        RestAnswer renewed = await ann.RenewAsync(Staying, Removed);

        Assert.Equal(200, renewed.Status);
        Assert.Equal((2, ann.AccountKey.ToString()), ((int)renewed.Body!["generation"]!, (string)renewed.Body["accountPub"]!));
        Assert.Equal(before.ToString(), (string)Assert.Single(renewed.Body["history"]!.AsArray())!["accountPub"]!);
        Assert.Equal(401, (int)(await thief.GetAsync(new Uri("/api/my/key", UriKind.Relative))).StatusCode);
        Assert.Equal("invalid_grant", await RefreshAsync((string)lostTokens["refresh_token"]!));
        Assert.Empty((await ann.GetAsync("/api/my/recovery")).Body!["blobs"]!.AsArray());
        Assert.Equal([ann.Device.Public.ToString()], (await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray().Select(one => (string)one!["devicePub"]!));
    }

    [Fact]
    public async Task Each_device_that_stays_fetches_its_copy_and_checks_it_by_itself()
    {
        using NewMachine phone = await NewMachine.AskAsync(broker, "phone", clock: clock);
        await ann.ApproveAsync(phone, phone.Name);
        using HttpClient http = NewMachine.SignedIn(broker, (await phone.FetchAsync()).Body!);
        using Person there = ann.At(http, phone.Key);

        Assert.Equal(200, (await ann.RenewAsync([ann.Device.Public, phone.Key.Public], Removed)).Status);
        JsonObject given = (await there.GetAsync("/api/my/renewal/2")).Body!;

        AccountRenewal renewal = new(Bytes(given, "text"), Bytes(given, "oldSig"), Bytes(given, "newSig"), Bytes(given, "deviceSig"));
        Assert.True(renewal.TryCheck(ann.Id.Value, there.AccountKey, 1, [ann.Device.Public], out AccountRenewalText text, out _));
        Assert.True(AccountRenewal.TryOpenCopy(text, phone.Key, Bytes(given, "copy"), out AccountSecret? opened));
        Assert.Equal(ann.Secret.Expose(), opened.Expose());

        // A browser that has not shown a device key has no copy; a generation that no renewal made is none.
        using Person other = ann.With(await ann.Account!.SignInAgainAsync(broker));
        Assert.Null((await other.GetAsync("/api/my/renewal/2")).Body!["copy"]);
        foreach (string generation in new[] { "1", "3", "-2", "x", "99999999999999999999" })
            Assert.Equal("renewal_not_found", (await ann.GetAsync($"/api/my/renewal/{generation}")).Code);
    }

    [Fact]
    public async Task Of_two_renewals_at_once_one_wins_and_nothing_of_the_other_is_kept()
    {
        using AccountSecret mine = AccountSecret.Generate();
        using AccountSecret other = AccountSecret.Generate();
        RestAnswer[] answers = await Task.WhenAll(
            RenewAsync(ann.Renewal(mine, Staying, Removed)), RenewAsync(ann.Renewal(other, [.. Staying, .. Removed], [])));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal((409, "account_key_moved"), Refusal(answers.Single(answer => answer.Status != 200)));
        int devices = (await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray().Count;
        Assert.Equal(answers[0].Status == 200 ? 1 : 2, devices);
        Assert.Equal(2, (int)(await ann.GetAsync("/api/my/key")).Body!["generation"]!);
    }

    [Fact]
    public async Task Copies_are_for_exactly_the_devices_that_stay()
    {
        using AccountSecret next = AccountSecret.Generate();
        using SigningKey stranger = SigningKey.Generate();
        RenewalRequest good = ann.Renewal(next, Staying, Removed);
        RenewalRequest[] wrong =
        [
            good with { Copies = [] },
            good with { Copies = [good.Copies[0], good.Copies[0]] },
            good with { Copies = [good.Copies[0] with { DevicePub = stranger.Public }] },
            ann.Renewal(next, [.. Staying, .. Removed], []) with { Copies = good.Copies },
            ann.Renewal(next, [.. Staying, stranger.Public], Removed),
            ann.Renewal(next, Staying, [.. Removed, stranger.Public]),
            ann.Renewal(next, Staying, []),
        ];
        foreach (RenewalRequest request in wrong)
            Assert.Equal((409, "devices_changed"), Refusal(await RenewAsync(request)));

        Assert.Equal(1, (int)(await ann.GetAsync("/api/my/key")).Body!["generation"]!);
        Assert.Equal(200, (await RenewAsync(good)).Status);
    }

    [Fact]
    public async Task A_renewal_that_is_not_signed_as_it_must_be_is_refused()
    {
        using AccountSecret next = AccountSecret.Generate();
        using SigningKey stranger = SigningKey.Generate();
        RenewalRequest good = ann.Renewal(next, Staying, Removed);
        using Person byLost = ann.At(ann.Http, lost.Key);
        RenewalRequest[] wrong =
        [
            good with { OldSig = good.NewSig },
            good with { NewSig = good.OldSig },
            good with { DeviceSig = stranger.Sign(good.Text) },
            good with { DeviceSig = lost.Key.Sign(good.Text) },
            good with { Text = [.. good.Text, 0] },
            good with { RemovedDevices = [] },
            good with { RemovedDevices = [stranger.Public] },
        ];
        foreach (RenewalRequest request in wrong)
            Assert.Equal((400, "account_text_refused"), Refusal(await RenewAsync(request)));

        Assert.Equal("account_key_moved", (await RenewAsync(ann.Renewal(next, Staying, Removed, generation: 3))).Code);
        Assert.Equal("invalid_args", (await RenewAsync(good with { OldSig = [1] })).Code);
        Assert.Equal("invalid_args", (await RenewAsync(good with { Copies = [good.Copies[0] with { Sealed = [1] }] })).Code);
        using Person eve = await Person.StartAsync(broker, "eve", clock);
        Assert.Equal("account_text_refused", (await eve.SendAsync(HttpMethod.Post, "/api/my/renewal", good)).Code);
        Assert.Equal(200, (await RenewAsync(good)).Status);
        Assert.Equal("account_key_moved", (await RenewAsync(good)).Code);
    }

    [Fact]
    public async Task A_renewal_takes_a_fresh_proof()
    {
        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal((403, "fresh_authentication_required"), Refusal(await ann.RenewAsync(Staying, Removed)));
    }

    [Fact]
    public async Task After_a_renewal_what_the_old_secret_signs_lets_nobody_in()
    {
        Person old = ann.With(await ann.Account!.SignInAgainAsync(broker));
        using NewMachine machine = await NewMachine.AskAsync(broker, clock: clock);
        DeviceApprove prepared = ann.Approval(machine, machine.Name);
        Assert.Equal(200, (await ann.RenewAsync(Staying, Removed)).Status);

        Assert.Equal("account_key_moved", (await old.AddSelfAsync()).Code);
        Assert.Equal("account_key_moved", (await ann.ApproveAsync(machine.UserCode, prepared)).Code);
        Assert.Equal(200, (await ann.ApproveAsync(machine, machine.Name)).Status);
        RestAnswer tokens = await machine.FetchAsync();
        Assert.Equal(ann.Secret.Expose(), machine.Open(tokens.Body!)!.Expose());
    }

    private Task<RestAnswer> RenewAsync(RenewalRequest request) => ann.SendAsync(HttpMethod.Post, "/api/my/renewal", request);

    private async Task<string?> RefreshAsync(string token) => (string?)(await NewMachine.PostAsync(
        broker.Http, "/oauth/token",
        new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = token, ["client_id"] = NewMachine.Client })).Body!["error"];

    private static byte[] Bytes(JsonNode from, string name) => Convert.FromBase64String((string)from[name]!);

    private static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);
}
