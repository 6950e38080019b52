using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// Says a recorded conversation again to this broker: the workspace and its members have the recorded ids and keys, client
/// frames go out as recorded except for times, signatures and the ids that a broker gives, and what comes back is compared.
/// </summary>
internal sealed class Replay(TestMesh mesh, RecordedIdentities identities) : IAsyncDisposable
{
    private const int MessageIdCharsMin = 8;

    /// <summary>What an end without a closing frame is recorded as.</summary>
    private const int LostCode = 1006;

    private readonly Dictionary<int, ReplayedConnection> connections = [];
    private readonly Dictionary<string, TestMember> members = new(StringComparer.Ordinal);

    // What the recorded broker called a message, and what ours does.
    private readonly Dictionary<string, string> messageIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReplayedConnection> receivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> targets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> targetsById = new(StringComparer.Ordinal);
    private readonly List<string> differences = [];
    private readonly AnsweredOtherwise otherwise = new();
    private readonly HookedStatus hooks = new(mesh);
    private readonly Outage outage = new(mesh);

    private HelloRenewal renewal = null!;
    private DateTimeOffset? recordedStart;
    private string note = "";

    public static async Task<IReadOnlyList<string>> RunAsync(string file, TimeProvider? clock = null, Action<IServiceCollection>? services = null)
    {
        RecordedIdentities identities = RecordedIdentities.Load();
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: services);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, ownerKey: identities.Owner, id: identities.MeshId);
        await using Replay replay = new(mesh, identities);
        foreach ((string name, string role, MemberSecretKey key) in identities.Members)
            replay.members[key.Public.ToString()] = await mesh.AddMemberAsync(name, legacy: true, key, role);

        replay.renewal = new HelloRenewal(identities, replay.members.ToDictionary(
            member => identities.MemberIds[member.Key], member => member.Value.Id, StringComparer.Ordinal));
        IReadOnlyList<JsonObject> lines = Recording.Read(file);
        replay.recordedStart = StartOf(lines);
        await replay.OpenEarlierAsync(lines);
        foreach (JsonObject line in lines)
            await replay.SayAsync(line);

        await replay.FinishAsync();
        return replay.differences;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ReplayedConnection connection in connections.Values)
            await connection.DisposeAsync();
    }

    private async Task OpenEarlierAsync(IReadOnlyList<JsonObject> lines)
    {
        foreach (JsonObject line in lines.Where(line => (string?)line["ev"] == "already-open").OrderBy(line => (int)line["c"]!))
        {
            JsonObject who = (JsonObject)line["as"]!;
            TestMember member = members[(string)who["pubkey"]!];
            JsonObject hello = (string?)who["sessionPubkey"] is { } session
                ? Forms.Frame(member.LegacySessionHello(identities[session], identities.SessionIds[session]))
                : Forms.Frame(member.LegacyHello((string)who["channel"]!, $"daemon-{line["c"]}"));
            if ((string?)who["displayName"] is { } name)
                hello["displayName"] = name;

            hello["hostname"] = "devbox";
            hello["peerType"] = "ai";

            ReplayedConnection connection = await OpenAsync((int)line["c"]!);
            connection.Member = member.Key.Public.ToString();
            connection.Session = (string?)hello["sessionId"];
            await connection.Socket.SendAsync(hello.ToJsonString());
            await connection.Socket.NextAsync("hello_ack");
        }

        foreach (ReplayedConnection connection in connections.Values)
        {
            await connection.SettleAsync();
            connection.Forget();
        }
    }

    private async Task<ReplayedConnection> OpenAsync(int number) =>
        connections[number] = new ReplayedConnection(await TestSocket.ConnectAsync(mesh.Broker.SocketUrl), number);

    /// <summary>When the recording began, by the clock of whoever said the first hello in it; null if nobody did.</summary>
    private static DateTimeOffset? StartOf(IReadOnlyList<JsonObject> lines)
    {
        JsonObject? first = lines.FirstOrDefault(line =>
            (string?)line["dir"] == "client" && line["frame"]?["timestamp"]?.GetValueKind() == JsonValueKind.Number);
        return first is null ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)first["frame"]!["timestamp"]! - (long)first["ms"]!);
    }

    private async Task SayAsync(JsonObject line)
    {
        switch ((string?)line["ev"] ?? (string)line["dir"]!)
        {
            case "open":
                await OpenAsync((int)line["c"]!);
                break;
            case "note":
                note = (string)line["text"]!;
                await outage.FollowAsync(note);
                break;
            case "client" when line["frame"] is JsonObject frame:
                await SendAsync(connections[(int)line["c"]!], (JsonObject)frame.DeepClone(), line);
                break;
            case "client":
                await connections[(int)line["c"]!].Socket.SendAsync((string?)line["raw"] ?? line["frame"]?.ToJsonString() ?? "null");
                break;
            case "broker":
                await ExpectAsync(connections[(int)line["c"]!], (JsonObject)line["frame"]!);
                break;
            case "close" when (string?)line["by"] == "client":
                await CloseAsync(connections[(int)line["c"]!], (int)line["code"]!);
                break;
            case "close":
                await ExpectCloseAsync(connections[(int)line["c"]!], (int)line["code"]!, (string)line["reason"]!);
                break;
            case "http" when (string)line["request"]!["path"]! == HookedStatus.Path:
                await hooks.FollowAsync((JsonObject)line["request"]!["body"]!, connections.Values);
                break;
            case "http":
                await RegroupAsync((JsonObject)line["request"]!);
                break;
        }
    }

    private async Task SendAsync(ReplayedConnection connection, JsonObject frame, JsonObject line)
    {
        ReplayedConnection speaker = connection;
        bool saidHello = connection.Member is not null;
        switch ((string?)frame["type"])
        {
            case "hello" or "session_hello":
                connection.Member = (string?)frame["pubkey"] ?? (string)frame["parentMemberPubkey"]!;
                connection.Session = (string?)frame["sessionId"];
                renewal.Renew(frame, mesh.Clock.GetUtcNow() - recordedStart!.Value.AddMilliseconds((long)line["ms"]!));
                break;
            case "message_status":
                frame["messageId"] = Renamed((string)frame["messageId"]!);
                break;
            case "send" when (string?)frame["targetSpec"] is { } target:
                targets[(string)frame["ciphertext"]!] = target;
                targetsById[(string?)frame["id"] ?? ""] = target;
                break;
            case "client_ack" when (string?)frame["brokerMessageId"] is { } recorded && messageIds.TryGetValue(recorded, out string? ours):
                frame["brokerMessageId"] = ours;
                if ((string?)frame["clientMessageId"] == recorded)
                    frame["clientMessageId"] = ours;
                speaker = receivers.GetValueOrDefault(recorded, connection);
                break;
        }

        bool isBinary = (bool?)line["binary"] ?? false;
        await speaker.Socket.SendAsync(
            Encoding.UTF8.GetBytes(frame.ToJsonString()), isBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
        await otherwise.AnswerAsync(speaker, frame, saidHello, differences);
    }

    /// <summary>What this broker calls a message that the recorded one called so, or began to.</summary>
    private string Renamed(string recorded) =>
        messageIds.FirstOrDefault(known => recorded.Length >= MessageIdCharsMin && known.Key.StartsWith(recorded, StringComparison.Ordinal)).Value
            is { } ours ? ours[..recorded.Length] : recorded;

    private async Task ExpectCloseAsync(ReplayedConnection connection, int code, string reason)
    {
        await connection.Socket.ClosedAsync();
        connection.IsOpen = false;
        (int Code, string Reason) ours = ((int?)connection.Socket.CloseStatus ?? LostCode, connection.Socket.CloseReason ?? "");
        if (ours != (code, Allowances.CodeHere(note, reason)))
            differences.Add($"{note}: connection {connection.Number} was closed with {ours}, not {(code, reason)}");
    }

    private async Task ExpectAsync(ReplayedConnection connection, JsonObject recorded)
    {
        if (otherwise.Covers(connection, recorded) || Allowances.Missing.Any(allowance => allowance.Covers(recorded)))
            return;

        if (Allowances.Is(recorded, "ack"))
            recorded = Allowances.AckHere(recorded, note, members.ContainsKey(targetsById.GetValueOrDefault((string)recorded["id"]!, "")));

        (ReplayedConnection receiver, JsonObject actual) = IsForAnyConnectionOfItsMember(recorded)
            ? await TakeFromAnyAsync(connection.Member!, recorded)
            : (connection, await connection.TakeAsync(recorded, differences));
        if (Allowances.Is(recorded, "error") && (string?)actual["code"] != Allowances.CodeHere(note, (string)recorded["code"]!))
            differences.Add($"{note}: refused with {actual["code"]}, not {recorded["code"]}");
        if (Allowances.Is(recorded, "ack") && (bool)actual["queued"]! != (bool)recorded["queued"]!)
            differences.Add($"{note}: answered {actual.ToJsonString()}, not {recorded.ToJsonString()}");

        if (recorded["messageId"] is null || (string?)recorded["messageId"] == "")
            return;

        if (!Allowances.Is(recorded, "message_status_result"))
            messageIds[(string)recorded["messageId"]!] = (string)actual["messageId"]!;
        if (receiver != connection)
            receivers[(string)recorded["messageId"]!] = receiver;
    }

    /// <summary>A direct message to a member's key goes to one of its connections, and 1.x does not say to which (delivery engine, 12).</summary>
    private bool IsForAnyConnectionOfItsMember(JsonObject recorded) =>
        Allowances.Is(recorded, "push") && Allowances.Event(recorded) is null
        && targets.TryGetValue((string)recorded["ciphertext"]!, out string? target) && members.ContainsKey(target);

    private async Task<(ReplayedConnection Receiver, JsonObject Frame)> TakeFromAnyAsync(string member, JsonObject recorded)
    {
        using CancellationTokenSource patience = new(TestSocket.Patience);
        while (!patience.IsCancellationRequested)
        {
            foreach (ReplayedConnection connection in connections.Values.Where(each => each.IsOpen && each.Member == member))
            {
                if (await connection.FindAsync(recorded, differences) is { } frame)
                    return (connection, frame);
            }
        }

        throw new TimeoutException($"No connection of {member} got {recorded.ToJsonString()}.");
    }

    private static async Task CloseAsync(ReplayedConnection connection, int code)
    {
        await connection.SettleAsync();
        connection.IsOpen = false;
        if (code == LostCode)
            connection.Socket.Lose();
        else
            await connection.Socket.CloseWithoutCodeAsync();
    }

    /// <summary>The recorded change of a member's profile over HTTP: only its groups matter to what follows.</summary>
    private async Task RegroupAsync(JsonObject request)
    {
        string recordedId = ((string)request["path"]!).Split('/')[^1];
        Workspace workspace = await mesh.OpenAsync();
        JsonObject file = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(Recording.PathOf("identities.json")))!;
        string key = (string)file["members"]!.AsArray().Single(member => (string?)member!["memberId"] == recordedId)!["publicKey"]!;
        GroupTag[] groups = [.. request["body"]!["groups"]!.AsArray().Select(group => new GroupTag((string)group!["name"]!, (string?)group["role"]))];
        await mesh.Broker.Services.GetRequiredService<MemberAdmin>().RegroupAsync(
            workspace, workspace.Members.Find(PublicKey.Parse(key))!, [.. groups], CancellationToken.None);
        workspace.RefreshDirectory();
    }

    private async Task FinishAsync()
    {
        foreach (ReplayedConnection connection in connections.Values)
        {
            if (connection.IsOpen)
                await connection.SettleAsync();

            differences.AddRange(connection.Unmatched()
                .Where(frame => !Allowances.Extra.Any(allowance => allowance.Covers(frame)))
                .Select(frame => $"connection {connection.Number}: the recording does not have {frame.ToJsonString()}"));
        }
    }
}
