using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="MessageId">As it was asked for.</param>
/// <param name="DeliveredAt">Written even when null, as 1.x does.</param>
public sealed record MessageStatusResult(
    string MessageId,
    string TargetSpec,
    bool Delivered,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? DeliveredAt,
    RecipientStatus[] Recipients) : IMessage, ILimited
{
    public static string WireType => "message_status_result";

    string? ILimited.FindFault() => Limit.HasNull("recipients", Recipients);
}

/// <param name="Pubkey">The peer's key as listed; for a peer that is not listed the first 16 characters of the target.</param>
public sealed record RecipientStatus(string Name, string Pubkey, RecipientState Status);

[JsonConverter(typeof(WordConverter<RecipientState>))]
public enum RecipientState
{
    Delivered,

    /// <summary>Waits for the recipient's status to let it through.</summary>
    Held,

    Disconnected,
}
