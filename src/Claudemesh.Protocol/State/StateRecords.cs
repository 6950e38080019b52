using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>1.x: sets a shared value in clear. Not answered; every other connection is told <see cref="StateChange"/>. Ours is <see cref="ObjectPut"/>.</summary>
/// <param name="Value">Any JSON but null.</param>
public sealed record SetState(string Key, JsonElement Value) : INotice, ILimited
{
    public static string WireType => "set_state";

    string? ILimited.FindFault() => ObjectLimits.NotKey(Key) ?? StateLimits.NotValue(Value);
}

/// <summary>1.x: asks for a shared value; answered by <see cref="StateResult"/>.</summary>
public sealed record GetState(string Key) : IRequest<StateResult>, ILimited
{
    public static string WireType => "get_state";

    string? ILimited.FindFault() => ObjectLimits.NotKey(Key);
}

/// <param name="Value">Null where there is none; the two after it are then empty.</param>
public sealed record StateResult(
    string Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Value,
    string UpdatedBy,
    string UpdatedAt) : IMessage
{
    public static string WireType => "state_result";
}

/// <summary>The same as <see cref="StateResult"/> once more, for original daemons, which wait for this name.</summary>
/// <param name="State">Null where there is none.</param>
public sealed record StateData([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] StateEntry? State) : IMessage
{
    public static string WireType => "state_data";
}

/// <summary>1.x: asks for all shared values; answered by <see cref="StateList"/>.</summary>
public sealed record ListState : IRequest<StateList>
{
    public static string WireType => "list_state";
}

public sealed record StateList(StateEntry[] Entries) : IMessage, ILimited
{
    public static string WireType => "state_list";

    string? ILimited.FindFault() => Limit.HasNull("entries", Entries);
}

public sealed record StateEntry(string Key, JsonElement Value, string UpdatedBy, DateTimeOffset UpdatedAt);

/// <summary>1.x: a shared value has changed.</summary>
public sealed record StateChange(string Key, JsonElement Value, string UpdatedBy) : IEvent, ILimited
{
    public static string WireType => "state_change";

    string? ILimited.FindFault() => StateLimits.NotValue(Value);
}

/// <summary>The body of <c>PUT /api/v1/state/{key}</c>.</summary>
/// <param name="Value">Any JSON but null.</param>
public sealed record StateValue(JsonElement Value) : ILimited
{
    string? ILimited.FindFault() => StateLimits.NotValue(Value);
}

internal static class StateLimits
{
    public static string? NotValue(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? "value must not be null" : null;
}
