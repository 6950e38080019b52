using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>
/// A value that breaks a rule of ours, thrown by the converters only and turned into a refusal by <see cref="FrameReader"/>.
/// Its message is the end of a sentence that begins with the field's name.
/// </summary>
internal sealed class WireFormatException(string rule) : JsonException(rule)
{
    public string Rule { get; } = rule;
}
