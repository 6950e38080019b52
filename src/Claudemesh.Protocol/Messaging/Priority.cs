using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>How urgent a message is. Each priority is a lane of its own; its number is the lane's. <c>now</c> overtakes the others by design.</summary>
[JsonConverter(typeof(WordConverter<Priority>))]
public enum Priority
{
    /// <summary>Interrupts; the only one that reaches a recipient who works or is on <c>dnd</c>.</summary>
    Now = 0,

    /// <summary>Waits for the recipient's next natural break. The default.</summary>
    Next = 1,

    /// <summary>Waits until the recipient asks or is idle.</summary>
    Low = 2,
}
