using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.Devices;

/// <summary>A machine that logs in: it has its key and its pairing secret, and asks until somebody has said yes or no.</summary>
internal sealed class NewMachine : IDisposable
{
    public const string Client = "claudemesh-cli";

    private readonly HttpClient http;
    private readonly TimeProvider clock;

    private NewMachine(HttpClient http, TimeProvider clock, string name) => (this.http, this.clock, Name) = (http, clock, name);

    public SigningKey Key { get; init; } = SigningKey.Generate();

    public PairingSecret Pairing { get; } = PairingSecret.Generate();

    public string Name { get; }

    /// <summary>What it was told.</summary>
    public JsonObject Started { get; private set; } = [];

    public string DeviceCode => (string)Started["device_code"]!;

    public string UserCode => (string)Started["user_code"]!;

    public static async Task<NewMachine> AskAsync(
        TestBroker broker, string name = "laptop", int? loopbackPort = null, TimeProvider? clock = null, HttpClient? http = null, SigningKey? key = null)
    {
        NewMachine machine = new(http ?? broker.Http, clock ?? TimeProvider.System, name) { Key = key ?? SigningKey.Generate() };
        RestAnswer answer = await PostAsync(machine.http, "/oauth/device_authorization", machine.Wish(loopbackPort));
        Assert.Equal(200, answer.Status);
        machine.Started = answer.Body!;
        return machine;
    }

    /// <summary>One that has asked already.</summary>
    public static NewMachine Of(TestBroker broker, string name, SigningKey key, JsonObject started) =>
        new(broker.Http, TimeProvider.System, name) { Key = key, Started = started };

    public Dictionary<string, string> Wish(int? loopbackPort = null)
    {
        Dictionary<string, string> form = new()
        {
            ["client_id"] = Client, ["device_pub"] = Key.Public.ToString(), ["device_name"] = Name, ["platform"] = "linux-x64",
        };
        if (loopbackPort is { } port)
            form["loopback_port"] = port.ToString(CultureInfo.InvariantCulture);
        return form;
    }

    /// <summary>The form of one question for its tokens.</summary>
    public Dictionary<string, string> Question(string? loopbackCode = null, TimeSpan skew = default, SigningKey? signer = null)
    {
        long at = (clock.GetUtcNow() + skew).ToUnixTimeMilliseconds();
        Dictionary<string, string> form = new()
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code",
            ["device_code"] = DeviceCode,
            ["client_id"] = Client,
            ["device_pub"] = Key.Public.ToString(),
            ["proof"] = Convert.ToBase64String((signer ?? Key).Sign(new DeviceTokenText(DeviceCode, at))),
            ["at"] = at.ToString(CultureInfo.InvariantCulture),
        };
        if (loopbackCode is not null)
            form["loopback_code"] = loopbackCode;
        return form;
    }

    public Task<RestAnswer> FetchAsync(string? loopbackCode = null, TimeSpan skew = default, SigningKey? signer = null) =>
        FetchAsync(Question(loopbackCode, skew, signer));

    public Task<RestAnswer> FetchAsync(Dictionary<string, string> form) => PostAsync(http, "/oauth/token", form);

    /// <summary>What this machine's own checks say to the answer with its tokens (keys.md 7).</summary>
    public AccountSecret? Open(JsonObject tokens)
    {
        JsonObject parts = (JsonObject)tokens["approval"]!;
        DeviceApproval approval = new(Bytes(parts, "box"), Bytes(parts, "accountSig"), Bytes(parts, "deviceSig"));
        return DeviceApprovalText.TryParse(Bytes(parts, "text"), out DeviceApprovalText text)
            && string.Equals(text.UserId, (string)tokens["sub"]!, StringComparison.Ordinal)
            && string.Equals(text.UserCode, UserCode, StringComparison.Ordinal)
            && string.Equals(text.DeviceName, Name, StringComparison.Ordinal)
            && approval.TryOpen(Key, Pairing, text, out AccountSecret? secret) ? secret : null;
    }

    public void Dispose()
    {
        Key.Dispose();
        Pairing.Dispose();
    }

    public static async Task<RestAnswer> PostAsync(HttpClient http, string path, Dictionary<string, string> form)
    {
        using FormUrlEncodedContent content = new(form);
        return await RestAnswer.ReadAsync(await http.PostAsync(new Uri(path, UriKind.Relative), content));
    }

    /// <summary>A client with the tokens that this machine was given.</summary>
    public static HttpClient SignedIn(TestBroker broker, JsonObject tokens)
    {
        HttpClient client = new() { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)tokens["access_token"]!);
        return client;
    }

    private static byte[] Bytes(JsonObject from, string name) => Convert.FromBase64String((string)from[name]!);
}
