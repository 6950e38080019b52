using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>One device of a member: its device key in hexadecimal digits, or a random id while there are no accounts.</summary>
[JsonConverter(typeof(WireTextConverter<DeviceId>))]
public readonly record struct DeviceId : IWireText<DeviceId>
{
    private readonly string? value;

    private DeviceId(string value) => this.value = value;

    public static string Rule => WireId.Rule;

    public string Value => value ?? "";

    public static bool TryParse(string? text, out DeviceId value)
    {
        bool valid = WireId.IsValid(text);
        value = valid ? new DeviceId(text!) : default;
        return valid;
    }

    public static DeviceId Parse(string text) => TryParse(text, out DeviceId value) ? value : throw new FormatException($"A DeviceId is {Rule}.");

    public override string ToString() => Value;
}
