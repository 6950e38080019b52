using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A name that people read: of a member, a peer or a workspace. Not unique and not proof of anything.</summary>
[JsonConverter(typeof(WireTextConverter<DisplayName>))]
public readonly record struct DisplayName : IWireText<DisplayName>
{
    public const int CharsMax = 80;

    private readonly string? value;

    private DisplayName(string value) => this.value = value;

    public static string Rule => "1 to 80 characters, no control characters, no space first or last";

    public string Value => value ?? "";

    public static bool TryParse(string? text, out DisplayName value)
    {
        bool valid = text is { Length: > 0 and <= CharsMax } && NameText.IsLine(text);
        value = valid ? new DisplayName(text!) : default;
        return valid;
    }

    public static DisplayName Parse(string text) => TryParse(text, out DisplayName value) ? value : throw new FormatException($"A DisplayName is {Rule}.");

    public override string ToString() => Value;
}
