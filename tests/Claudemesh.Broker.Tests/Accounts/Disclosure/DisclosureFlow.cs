using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.Disclosure;

/// <summary>
/// What a person does with an account from its first day to the loss of a machine, against a real broker; and every secret that comes up. Some are
/// never to reach the broker. Others it is sent, because they prove something to it; it must not keep them.
/// </summary>
internal sealed class DisclosureFlow(TestBroker broker, LeakScan neverSent, LeakScan neverKept) : IDisposable
{
    private static readonly TargetSpec Everybody = TargetSpec.TryParse("*", out TargetSpec? target) ? target : throw new InvalidOperationException();

    private readonly List<IDisposable> opened = [];
    private Person ann = null!;

    public string AccountKey { get; private set; } = "";

    public async Task RunAsync()
    {
        await UsePasswordAsync();
        ann = Keep(await Person.StartAsync(broker));
        AccountKey = ann.AccountKey.ToString();
        NoteSecret("the first account secret");
        neverSent.AddBytes("the browser's device seed", ann.Device.ExposeSeed());
        neverKept.AddText("the browser's access token", ann.Account!.Token);

        NewMachine laptop = await LogInAsync("laptop", loopbackPort: null);
        await LogInAsync("desktop", loopbackPort: 4711);
        await KeepWaysBackAsync();
        await KeepVaultAsync(1);
        await UseTokensAsync();
        await TalkAsync();
        await RenewAsync(laptop);
        await KeepWaysBackAsync();
        await KeepVaultAsync(2);
        await DoNonsenseAsync();
    }

    public void Dispose()
    {
        foreach (IDisposable each in opened)
            each.Dispose();
    }

    /// <summary>The secret, and all that comes from it without a workspace.</summary>
    private void NoteSecret(string name)
    {
        using SigningKey account = ann.Secret.DeriveAccountKey(ann.Id.Value);
        using SecretBytes vault = ann.Secret.DeriveVaultKey(ann.Id.Value);
        neverSent.AddBytes(name, ann.Secret.Expose());
        neverSent.AddBytes($"the account key of {name}", account.ExposeSeed());
        neverSent.AddBytes($"the vault key of {name}", vault.Expose());
    }

    private async Task<NewMachine> LogInAsync(string name, int? loopbackPort)
    {
        NewMachine machine = Keep(await NewMachine.AskAsync(broker, name, loopbackPort));
        string fragment = machine.Pairing.ToFragment(machine.Key.Public);
        neverSent.AddBytes($"the pairing secret of {name}", Base64Url.DecodeFromChars(fragment.AsSpan(2)).AsSpan(0, PairingSecret.Size));
        neverSent.AddText($"the pairing secret of {name}, typed", machine.Pairing.ToTypedText());
        neverSent.AddBytes($"the device seed of {name}", machine.Key.ExposeSeed());
        neverKept.AddText($"the device code of {name}", machine.DeviceCode);

        Assert.Equal(400, (await machine.FetchAsync()).Status);
        JsonObject approved = await GoodAsync(ann.ApproveAsync(machine, loopbackPort is null ? name : null));
        string? loopback = (string?)approved["loopback"]?["code"];
        if (loopback is not null)
            neverKept.AddText($"the loopback code of {name}", loopback);

        JsonObject tokens = await GoodAsync(machine.FetchAsync(loopback));
        using AccountSecret? secret = machine.Open(tokens);
        Assert.Equal(ann.Secret.Expose(), secret!.Expose());
        for (int round = 0; round < 3; round++)
        {
            neverKept.AddText($"a refresh token of {name}", (string)tokens["refresh_token"]!);
            neverKept.AddText($"an access token of {name}", (string)tokens["access_token"]!);
            tokens = await GoodAsync(NewMachine.PostAsync(broker.Http, "/oauth/token", new Dictionary<string, string>
            {
                ["grant_type"] = "refresh_token", ["client_id"] = NewMachine.Client, ["refresh_token"] = (string)tokens["refresh_token"]!,
            }));
        }

        neverKept.AddText($"the last refresh token of {name}", (string)tokens["refresh_token"]!);
        return machine;
    }

    private async Task KeepWaysBackAsync()
    {
        byte[] printed = RandomBytes.Next(RecoveryKey.Size);
        byte[] derived = RandomBytes.Next(32);
        byte[] credential = RandomBytes.Next(24);
        using RecoveryKey key = new(printed);
        using SecretBytes prf = new(derived);
        neverSent.AddBytes("a recovery key", printed);
        neverSent.AddText("a recovery key, printed", key.ToPrintedText());
        neverSent.AddBytes("what a passkey derived", derived);

        Assert.Equal(200, (await ann.PutRecoveryAsync("key", new RecoveryPut(RecoveryBlob.SealWithKey(key, ann.Secret, ann.Id.Value, ann.Generation), ann.Generation))).Status);
        byte[] sealedByPrf = RecoveryBlob.SealWithPrf(prf, ann.Secret, ann.Id.Value, ann.Generation, credential);
        Assert.Equal(200, (await ann.PutRecoveryAsync("prf", new RecoveryPut(sealedByPrf, ann.Generation, credential))).Status);
        Assert.Equal(2, (await ann.GetAsync("/api/my/recovery")).Body!["blobs"]!.AsArray().Count);
    }

    private async Task KeepVaultAsync(long version)
    {
        string text = $"pins and marks {RandomBytes.NextId()}";
        neverSent.AddText("what is in the vault", text);
        byte[] blob = AccountVault.Seal(ann.Secret, ann.Id.Value, version, Encoding.UTF8.GetBytes(text));
        Assert.Equal(204, (await ann.PutVaultAsync(version, blob)).Status);
        Assert.Equal(200, (await ann.GetAsync("/api/my/vault")).Status);
    }

    private async Task UseTokensAsync()
    {
        RestAnswer made = await ann.SendTextAsync(HttpMethod.Post, "/api/my/tokens", """{"name":"ci","scopes":["read"],"expiresInDays":30}""");
        Assert.Equal(201, made.Status);
        string token = (string)made.Body!["token"]!;

        // Its beginning is kept, to be known by in lists.
        neverKept.AddText("a personal token", token[((string)made.Body["prefix"]!).Length..]);
        HttpClient ci = Keep(new HttpClient { BaseAddress = broker.Url });
        ci.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await ci.GetAsync(new Uri("/api/v1/me/workspace", UriKind.Relative));
    }

    /// <summary>A workspace under a member key of the account, and what is said in it.</summary>
    private async Task TalkAsync()
    {
        string id = RandomBytes.NextId();
        MemberSecretKey owner = Keep(ann.Secret.DeriveMember(ann.Id.Value, id));
        await using TestMesh mesh = await TestMesh.StartAsync(broker: broker, ownerKey: owner, id: id, log: LogKind.Required);
        neverSent.AddBytes("the owner's member seed", owner.Key.ExposeSeed());
        long at = ann.Now;
        MemberClaim claim = new(owner.Public, at, owner.Sign(new MemberClaimText(id, ann.Id.Value, owner.Public, at)));
        await GoodAsync(ann.SendAsync(HttpMethod.Put, $"/api/my/meshes/{id}", claim));

        await using TestPeer bob = await mesh.JoinAsync("bob");
        neverSent.AddBytes("bob's member seed", bob.Member.Key.Key.ExposeSeed());
        using SessionSecretKey session = await bob.OpenSessionAsync("session-of-bob");
        neverSent.AddBytes("a session seed", session.Key.ExposeSeed());
        NoteRoot(mesh);

        await SayAsync(mesh, bob, Everybody, "to everybody");
        await SayAsync(mesh, bob, new TargetSpec.Direct(owner.Public), "to the owner alone");
        using TestKey key = await mesh.MakeKeyAsync();
        neverKept.AddText("an API key", key.Secret);
        Assert.Equal(200, (await key.GetAsync("/members")).Status);

        await mesh.Log.RemoveAsync(bob.Member.Key.Public);
        NoteRoot(mesh);
    }

    private void NoteRoot(TestMesh mesh)
    {
        neverSent.AddBytes($"the root key of epoch {mesh.Log.Root.Epoch}", mesh.Log.Root.Expose());
        using SecretBytes broadcast = mesh.Log.Root.DeriveMessageKey(Everybody);
        neverSent.AddBytes($"the broadcast key of epoch {mesh.Log.Root.Epoch}", broadcast.Expose());
    }

    private async Task SayAsync(TestMesh mesh, TestPeer sender, TargetSpec target, string what)
    {
        string text = $"{what}: {RandomBytes.NextId()}";
        neverSent.AddText($"a message {what}", text);
        MemberSecretKey key = sender.Member.Key;
        string id = Guid.CreateVersion7().ToString();
        bool isDirect = target is TargetSpec.Direct;
        MessageHeader header = new(
            mesh.Id, target, key.Public, SenderSession: null, id, mesh.Log.Now, ReplyTo: null, Priority.Next, Mentions: "", isDirect ? null : mesh.Log.Root.Reference);
        MessageBody body = new(MessageBody.TypeText, text);
        using PairKeys pairs = new(key.Key, mesh.Id);
        SealedMessage? message = isDirect ? null : MessageSeal.SealShared(key, mesh.Log.Root, header, body);
        Assert.True(!isDirect || MessageSeal.TrySealDirect(key, pairs, header, body, out message));
        await sender.Socket.SendAsync(new Send(
            target.ToString(), message!.Nonce, message.Ciphertext, id, ClientMessageId: id, BodyVersion: SealedMessage.BodyVersion, Header: message.Header));
        JsonObject ack = await sender.Socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
        Assert.True((bool)ack["queued"]!, ack.ToJsonString());
    }

    private async Task RenewAsync(NewMachine lost)
    {
        List<PublicKey> staying = [.. (await ann.GetAsync("/api/my/devices")).Body!["devices"]!.AsArray()
            .Select(device => PublicKey.Parse((string)device!["devicePub"]!)).Where(device => device != lost.Key.Public)];
        Assert.Equal(2, staying.Count);
        Assert.Equal(200, (await ann.RenewAsync([.. staying], [lost.Key.Public])).Status);
        NoteSecret("the second account secret");
        Assert.Equal(200, (await ann.GetAsync("/api/my/renewal/2")).Status);
    }

    /// <summary>Another person, who signs in by password on the page.</summary>
    private async Task UsePasswordAsync()
    {
        using TestBrowser browser = new(broker);
        string password = $"otters {RandomBytes.NextId()}";
        string wrong = $"badgers {RandomBytes.NextId()}";
        neverKept.AddText("a password", password);
        neverKept.AddText("a wrong password", wrong);
        Assert.Equal(201, (await browser.SignUpAsync("bea", password)).Status);
        NoteCookies(browser);
        Assert.Equal(200, (await browser.PostAsync("/api/auth/fresh/password", new JsonObject { ["password"] = password })).Status);
        Assert.Equal(200, (await browser.PostAsync("/api/auth/refresh")).Status);
        NoteCookies(browser);

        using TestBrowser again = new(broker);
        Assert.Equal(401, (await again.SignInAsync("bea", wrong)).Status);
        Assert.Equal(401, (await again.SignInAsync(wrong, password)).Status);
        Assert.Equal(200, (await again.SignInAsync("bea", password)).Status);
        NoteCookies(again);
    }

    private void NoteCookies(TestBrowser browser)
    {
        foreach (Cookie cookie in browser.Cookies.GetAllCookies().Where(cookie => cookie.Value.Length > 40))
            neverKept.AddText($"the cookie {cookie.Name}", cookie.Value);
    }

    /// <summary>Secrets that prove something, in places where they do not belong: what is refused is not kept either.</summary>
    private async Task DoNonsenseAsync()
    {
        NewMachine machine = Keep(await NewMachine.AskAsync(broker, "nonsense"));
        neverKept.AddText("a device code that was used wrongly", machine.DeviceCode);
        foreach (string field in new[] { "at", "proof", "device_pub", "client_id", "loopback_code", "grant_type" })
        {
            Dictionary<string, string> form = machine.Question();
            form[field] = machine.DeviceCode;
            Assert.Equal(400, (await machine.FetchAsync(form)).Status);
        }

        Assert.Equal(404, (await ann.GetAsync($"/api/my/device-requests/{machine.UserCode[..4]}-{machine.UserCode[..4]}")).Status);
        foreach (string path in new[] { "/api/my/key", "/api/my/vault", "/api/my/renewal" })
            Assert.InRange((await ann.SendTextAsync(path.EndsWith("vault", StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post, path, $"[\"{machine.DeviceCode}\"")).Status, 400, 499);

        using HttpClient wrong = new() { BaseAddress = broker.Url };
        wrong.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", machine.DeviceCode);
        Assert.Equal(401, (int)(await wrong.GetAsync(new Uri("/api/my/key", UriKind.Relative))).StatusCode);
    }

    private static async Task<JsonObject> GoodAsync(Task<RestAnswer> asked)
    {
        RestAnswer answer = await asked;
        Assert.True(answer.Status < 300, answer.Text);
        return answer.Body!;
    }

    private T Keep<T>(T one)
        where T : IDisposable
    {
        opened.Add(one);
        return one;
    }
}
