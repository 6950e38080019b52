using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>An invite of a workspace.</summary>
[JsonConverter(typeof(WireTextConverter<InviteId>))]
public readonly record struct InviteId : IWireText<InviteId>
{
    private readonly string? value;

    private InviteId(string value) => this.value = value;

    public static string Rule => WireId.Rule;

    public string Value => value ?? "";

    public static bool TryParse(string? text, out InviteId value)
    {
        bool valid = WireId.IsValid(text);
        value = valid ? new InviteId(text!) : default;
        return valid;
    }

    public static InviteId Parse(string text) => TryParse(text, out InviteId value) ? value : throw new FormatException($"A InviteId is {Rule}.");

    public override string ToString() => Value;
}
