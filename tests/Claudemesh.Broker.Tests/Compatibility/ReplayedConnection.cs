using System.Text.Json.Nodes;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>One recorded connection, opened to this broker: what came, in the order it came, and which of it the recording has.</summary>
internal sealed class ReplayedConnection(TestSocket socket, int number) : IAsyncDisposable
{
    private readonly List<JsonObject> came = [];
    private readonly HashSet<int> matched = [];
    private readonly Dictionary<string, int> lastFrom = new(StringComparer.Ordinal);
    private int settled;

    public int Number => number;

    public TestSocket Socket => socket;

    /// <summary>The member's key, once it has said hello.</summary>
    public string? Member { get; set; }

    /// <summary>The session id of its hello.</summary>
    public string? Session { get; set; }

    public bool IsOpen { get; set; } = true;

    /// <summary>Finds the frame among those that came, or waits for it.</summary>
    public async Task<JsonObject> TakeAsync(JsonObject recorded, List<string> differences)
    {
        int index = came.FindIndex(frame => Matches(recorded, frame));
        while (index < 0)
        {
            came.Add(await socket.NextAsync($"what connection {number} got in the recording: {recorded.ToJsonString()}", _ => true));
            if (Matches(recorded, came[^1]))
                index = came.Count - 1;
        }

        return Take(index, recorded, differences);
    }

    /// <summary>Null when it has not come by the time the broker answers something asked now.</summary>
    public async Task<JsonObject?> FindAsync(JsonObject recorded, List<string> differences)
    {
        await SettleAsync();
        int index = came.FindIndex(frame => Matches(recorded, frame));
        return index < 0 ? null : Take(index, recorded, differences);
    }

    /// <summary>Reads everything that was sent before the answer to something asked now.</summary>
    public async Task SettleAsync()
    {
        string id = $"settle-{++settled}";
        await socket.SendAsync(new Claudemesh.Protocol.ListPeers(), id);
        while (true)
        {
            JsonObject frame = await socket.NextAsync("the answer to list_peers", _ => true);
            if ((string?)frame["_reqId"] == id)
                return;

            came.Add(frame);
        }
    }

    public void Forget()
    {
        came.Clear();
        matched.Clear();
        lastFrom.Clear();
    }

    public IEnumerable<JsonObject> Unmatched() => came.Where((_, index) => !matched.Contains(index));

    public ValueTask DisposeAsync() => socket.DisposeAsync();

    private JsonObject Take(int index, JsonObject recorded, List<string> differences)
    {
        JsonObject frame = came[index];
        matched.Add(index);
        if (Allowances.Is(recorded, "push"))
        {
            string sender = (string)recorded["senderPubkey"]!;
            if (lastFrom.TryGetValue(sender, out int before) && before > index)
                differences.Add($"connection {number}: pushes of {sender} came in another order");

            lastFrom[sender] = index;
        }

        differences.AddRange(FrameShape.Differences(recorded, frame).Select(each => $"connection {number}: {each}"));
        return frame;
    }

    /// <summary>
    /// Whether a frame of ours stands for the recorded one: same type, and the same thing by what names it. The id of a memory is the broker's own.
    /// </summary>
    private bool Matches(JsonObject recorded, JsonObject frame)
    {
        if (matched.Contains(came.IndexOf(frame)) || !Allowances.Is(frame, (string)recorded["type"]!))
            return false;

        return recorded["event"] is not null
            ? Allowances.SameEvent((string?)recorded["event"], (string?)frame["event"]) && Same(recorded["eventData"]!["pubkey"], frame["eventData"]?["pubkey"])
            : Same(recorded["_reqId"], frame["_reqId"]) && (Allowances.Is(recorded, "memory_stored") || Same(recorded["id"], frame["id"])) && Same(recorded["ciphertext"], frame["ciphertext"])
                && frame["event"] is null;
    }

    private static bool Same(JsonNode? recorded, JsonNode? actual) => recorded is null || JsonNode.DeepEquals(recorded, actual);
}
