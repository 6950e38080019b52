using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Keys;

/// <summary>The ways back into the account secret, as the broker keeps them: sealed, of the present secret, for the account alone.</summary>
public sealed class RecoveryTests : IAsyncLifetime
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
    public async Task What_was_stored_opens_with_the_printed_key_and_with_the_passkey()
    {
        using RecoveryKey key = RecoveryKey.Generate();
        using SecretBytes prf = SecretBytes.Random(32);
        byte[] credential = RandomBytes.Next(20);
        Assert.Equal(200, (await ann.PutRecoveryAsync("key", new RecoveryPut(RecoveryBlob.SealWithKey(key, ann.Secret, ann.Id.Value, 1), 1))).Status);
        Assert.Equal(200, (await ann.PutRecoveryAsync("prf", new RecoveryPut(RecoveryBlob.SealWithPrf(prf, ann.Secret, ann.Id.Value, 1, credential), 1, credential))).Status);

        JsonArray blobs = await BlobsAsync(ann);
        Assert.Equal(["prf", "key"], blobs.Select(blob => (string)blob!["kind"]!));
        Assert.True(RecoveryBlob.TryOpenWithKey(key, Bytes(blobs[1]!, "blob"), ann.Id.Value, 1, ann.AccountKey, out AccountSecret? byKey));
        Assert.Equal(ann.Secret.Expose(), byKey!.Expose());
        Assert.True(RecoveryBlob.TryOpenWithPrf(
            prf, Bytes(blobs[0]!, "blob"), ann.Id.Value, 1, ann.AccountKey, Bytes(blobs[0]!, "credentialId"), out AccountSecret? byPasskey));
        Assert.Equal(ann.Secret.Expose(), byPasskey!.Expose());
    }

    [Fact]
    public async Task There_is_one_printed_key_and_one_for_each_passkey()
    {
        await ann.PutRecoveryAsync("key", Blob(1));
        string second = (string)(await ann.PutRecoveryAsync("key", Blob(1))).Body!["id"]!;
        await ann.PutRecoveryAsync("prf", Blob(2) with { CredentialId = [1] });
        await ann.PutRecoveryAsync("prf", Blob(2) with { CredentialId = [2] });
        string last = (string)(await ann.PutRecoveryAsync("prf", Blob(2) with { CredentialId = [1] })).Body!["id"]!;

        JsonArray blobs = await BlobsAsync(ann);
        Assert.Equal(3, blobs.Count);
        Assert.Equal((last, second), ((string)blobs[0]!["id"]!, (string)blobs[2]!["id"]!));

        Assert.Equal(204, (await ann.DeleteAsync($"/api/my/recovery/{second}")).Status);
        Assert.Equal("recovery_not_found", (await ann.DeleteAsync($"/api/my/recovery/{second}")).Code);
        Assert.Equal(2, (await BlobsAsync(ann)).Count);
        using Person eve = await Person.StartAsync(broker, "eve", clock);
        Assert.Equal("recovery_not_found", (await eve.DeleteAsync($"/api/my/recovery/{last}")).Code);
    }

    [Theory]
    [InlineData("key", 76, 1, 1, null, "bad_recovery_blob")]
    [InlineData("key", 78, 1, 1, null, "bad_recovery_blob")]
    [InlineData("key", 0, 1, 1, null, "bad_recovery_blob")]
    [InlineData("key", 77, 2, 1, null, "bad_recovery_blob")]
    [InlineData("key", 77, 9, 1, null, "bad_recovery_blob")]
    [InlineData("prf", 77, 1, 1, 16, "bad_recovery_blob")]
    [InlineData("key", 77, 1, 2, null, "account_key_moved")]
    [InlineData("key", 77, 1, 0, null, "account_key_moved")]
    [InlineData("key", 77, 1, 1, 16, "invalid_args")]
    [InlineData("prf", 77, 2, 1, null, "invalid_args")]
    [InlineData("prf", 77, 2, 1, 0, "invalid_args")]
    [InlineData("prf", 77, 2, 1, 1024, "invalid_args")]
    [InlineData("pin", 77, 1, 1, null, "invalid_args")]
    public async Task A_blob_that_cannot_be_one_is_refused(string path, int size, int kind, long generation, int? credential, string code)
    {
        RecoveryPut body = Blob((byte)kind, size) with { Generation = generation, CredentialId = credential is { } length ? new byte[length] : null };

        Assert.Equal(code, (await ann.PutRecoveryAsync(path, body)).Code);
        Assert.Empty(await BlobsAsync(ann));
    }

    [Fact]
    public async Task A_blob_without_its_mark_is_refused()
    {
        RecoveryPut body = Blob(1);
        body.Blob[0] = (byte)'X';

        Assert.Equal("bad_recovery_blob", (await ann.PutRecoveryAsync("key", body)).Code);
    }

    [Fact]
    public async Task Writing_takes_a_fresh_proof_and_the_blobs_themselves_are_given_to_who_is_fresh_or_has_just_signed_in()
    {
        await ann.PutRecoveryAsync("key", Blob(1));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((403, "fresh_authentication_required"), Refusal(await ann.PutRecoveryAsync("key", Blob(1))));
        Assert.Equal((403, "fresh_authentication_required"), Refusal(await ann.DeleteAsync("/api/my/recovery/x")));
        Assert.NotNull((await BlobsAsync(ann))[0]!["blob"]);

        clock.Advance(TimeSpan.FromMinutes(5));
        RestAnswer old = await ann.GetAsync("/api/my/recovery");
        Assert.True((bool)old.Body!["withheld"]!);
        JsonNode row = old.Body["blobs"]!.AsArray().Single()!;
        Assert.Null(row["blob"]);
        Assert.Equal("key", (string)row["kind"]!);

        using Person again = await ann.SignInAgainAsync(broker);
        Assert.NotNull((await BlobsAsync(again))[0]!["blob"]);
    }

    [Fact]
    public async Task An_account_keeps_so_many_ways_back_and_no_more()
    {
        for (int i = 0; i < RecoveryStore.BlobsMax; i++)
            Assert.Equal(200, (await ann.PutRecoveryAsync("prf", Blob(2) with { CredentialId = [(byte)i, 1] })).Status);

        Assert.Equal((429, "too_many_recoveries"), Refusal(await ann.PutRecoveryAsync("prf", Blob(2) with { CredentialId = [1, 2, 3] })));
        Assert.Equal(200, (await ann.PutRecoveryAsync("prf", Blob(2) with { CredentialId = [7, 1] })).Status);
    }

    [Fact]
    public async Task An_account_without_a_key_has_nothing_to_recover()
    {
        using Person nobody = Person.Of(await TestAccount.CreateAsync(broker, "nobody"), clock);

        Assert.Equal((404, "no_account_key"), Refusal(await nobody.PutRecoveryAsync("key", Blob(1))));
    }

    private static RecoveryPut Blob(byte kind, int size = RecoveryBlob.Size)
    {
        byte[] blob = RandomBytes.Next(Math.Max(size, 5));
        "CMR1"u8.CopyTo(blob);
        blob[4] = kind;
        return new RecoveryPut(blob[..size], 1);
    }

    private static async Task<JsonArray> BlobsAsync(Person person) => (await person.GetAsync("/api/my/recovery")).Body!["blobs"]!.AsArray();

    private static byte[] Bytes(JsonNode from, string name) => Convert.FromBase64String((string)from[name]!);

    private static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);
}
