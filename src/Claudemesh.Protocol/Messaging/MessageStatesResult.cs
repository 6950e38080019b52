using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Results">One for each id, in the order of the request.</param>
public sealed record MessageStatesResult(MessageStateRow[] Results) : IMessage
{
    public static string WireType => "message_states_result";
}

/// <param name="Found">False for a message that does not exist, is forgotten, or is not the caller's; then the counts are 0.</param>
[method: JsonConstructor]
public readonly record struct MessageStateRow(
    MessageId MessageId,
    bool Found,
    int Recipients,
    int Delivered,
    int Surfaced,
    int Read,
    int Refused,
    int Expired);
