using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A workspace: 32 letters and digits made by its creator. Other brokers may have made shorter ones.</summary>
[JsonConverter(typeof(WireTextConverter<MeshId>))]
public readonly record struct MeshId : IWireText<MeshId>
{
    private readonly string? value;

    private MeshId(string value) => this.value = value;

    public static string Rule => WireId.Rule;

    public string Value => value ?? "";

    public static bool TryParse(string? text, out MeshId value)
    {
        bool valid = WireId.IsValid(text);
        value = valid ? new MeshId(text!) : default;
        return valid;
    }

    public static MeshId Parse(string text) => TryParse(text, out MeshId value) ? value : throw new FormatException($"A MeshId is {Rule}.");

    public override string ToString() => Value;
}
