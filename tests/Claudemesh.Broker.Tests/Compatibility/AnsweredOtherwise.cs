using System.Text.Json.Nodes;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// Requests that this broker answers with an error and the recorded one with something else: types that <c>docs/protocol.md</c>
/// lists as unknown, and a second hello on one socket (wire reference 7.2, 11). The error is looked for; what was recorded in its
/// place is passed over.
/// </summary>
internal sealed class AnsweredOtherwise
{
    /// <summary>What the recording's script made up.</summary>
    private const string NobodysType = "no_such_type";

    private readonly HashSet<string> unknown = [.. ProtocolDocument.UnknownTypes(), NobodysType];
    private readonly HashSet<(int Connection, string Answer)> passedOver = [];

    /// <summary>Takes the error, if this is such a request.</summary>
    public async Task AnswerAsync(ReplayedConnection connection, JsonObject request, bool saidHello, List<string> differences)
    {
        string type = (string)request["type"]!;
        string? requestId = (string?)request["_reqId"];
        bool isHello = type is "hello" or "session_hello";
        if (!saidHello || (!isHello && !unknown.Contains(type)))
            return;

        JsonObject error = new() { ["type"] = "error", ["code"] = isHello ? "already_said_hello" : "unknown_message_type" };
        if (requestId is not null)
            error["_reqId"] = requestId;

        passedOver.Add((connection.Number, requestId ?? "hello_ack"));
        JsonObject actual = await connection.TakeAsync(error, differences);
        if ((string?)actual["code"] != (string?)error["code"])
            differences.Add($"{type} was answered {actual.ToJsonString()}, not {error.ToJsonString()}");
    }

    /// <summary>Whether the recorded frame is the other answer to such a request. Some of them have its id in <c>id</c> (wire reference 3.0).</summary>
    public bool Covers(ReplayedConnection connection, JsonObject recorded) =>
        ((string?)recorded["_reqId"] ?? (string?)recorded["id"] ?? (string)recorded["type"]!) is var answer
        && passedOver.Contains((connection.Number, answer));
}
