using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>What a peer is doing; decides which priorities reach it.</summary>
[JsonConverter(typeof(WordConverter<PresenceStatus>))]
public enum PresenceStatus
{
    Idle,
    Working,

    /// <summary>Do not disturb: only <c>now</c> gets through.</summary>
    Dnd,
}
