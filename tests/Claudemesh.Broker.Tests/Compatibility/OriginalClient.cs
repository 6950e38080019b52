using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// Treats frames as an original 1.x client does (wire reference 1.5, 3.0, 3.2, 7.4): it waits for its <c>hello_ack</c> or an error and
/// nothing else, correlates answers, acknowledges messages, and skips types it has no handler for.
/// </summary>
internal sealed class OriginalClient(TestSocket socket, bool isSession)
{
    private static readonly HashSet<string> Handled = new(StringComparer.Ordinal)
    {
        "hello_ack", "ack", "push", "inbound", "peers_list", "error", "state_change", "message_status_result", "mesh_info_result",
    };

    private bool isReady;

    /// <summary>Types that it had no handler for, as they came.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>Messages it took and acknowledged.</summary>
    public List<JsonObject> Messages { get; } = [];

    /// <summary>An original daemon never opens this session again.</summary>
    public bool GaveUp { get; private set; }

    public async Task HelloAsync(JsonObject hello)
    {
        await socket.SendAsync(hello.ToJsonString());
        while (!isReady)
            await TakeAsync(await socket.NextAsync("anything before the hello_ack", _ => true));
    }

    /// <summary>Sends and waits for the ack with its id.</summary>
    public async Task<JsonObject> SendAsync(string target, string id)
    {
        await socket.SendAsync(new Send(target, new byte[24], [1, 2, 3], id));
        while (true)
        {
            JsonObject frame = await socket.NextAsync("the ack", _ => true);
            if (Allowances.Is(frame, "ack") && (string?)frame["id"] == id)
                return frame;

            await TakeAsync(frame);
        }
    }

    public async Task NextMessageAsync()
    {
        int before = Messages.Count;
        while (Messages.Count == before)
            await TakeAsync(await socket.NextAsync("a message", _ => true));
    }

    private async Task TakeAsync(JsonObject frame)
    {
        string type = (string)frame["type"]!;
        if (!Handled.Contains(type))
            Skipped.Add(type);
        else if (!isReady && type == "error")
            throw new InvalidOperationException($"The hello was refused: {frame["code"]}.");
        else if (type == "hello_ack")
            isReady = true;
        else if (type == "error" && isSession && (string?)frame["code"] == "unknown_message_type")
            GaveUp = true;
        else if (type == "push" && frame["subtype"] is null)
            await AcknowledgeAsync(frame);
    }

    private async Task AcknowledgeAsync(JsonObject push)
    {
        Messages.Add(push);
        string id = (string)push["messageId"]!;
        await socket.SendAsync(new ClientAck((string?)push["client_message_id"] ?? id, id));
    }
}
