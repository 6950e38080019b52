using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>One running session of a member, in its own words: the Claude session UUID, or what a 1.x client calls itself.</summary>
[JsonConverter(typeof(WireTextConverter<SessionId>))]
public readonly record struct SessionId : IWireText<SessionId>
{
    private readonly string? value;

    private SessionId(string value) => this.value = value;

    public static string Rule => WireId.Rule;

    public string Value => value ?? "";

    public static bool TryParse(string? text, out SessionId value)
    {
        bool valid = WireId.IsValid(text);
        value = valid ? new SessionId(text!) : default;
        return valid;
    }

    public static SessionId Parse(string text) => TryParse(text, out SessionId value) ? value : throw new FormatException($"A SessionId is {Rule}.");

    public override string ToString() => Value;
}
