using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A member of one workspace, for its whole life.</summary>
[JsonConverter(typeof(WireTextConverter<MemberId>))]
public readonly record struct MemberId : IWireText<MemberId>
{
    private readonly string? value;

    private MemberId(string value) => this.value = value;

    public static string Rule => WireId.Rule;

    public string Value => value ?? "";

    public static bool TryParse(string? text, out MemberId value)
    {
        bool valid = WireId.IsValid(text);
        value = valid ? new MemberId(text!) : default;
        return valid;
    }

    public static MemberId Parse(string text) => TryParse(text, out MemberId value) ? value : throw new FormatException($"A MemberId is {Rule}.");

    public override string ToString() => Value;
}
