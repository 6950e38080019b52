using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>An account on one broker, for its whole life: the <c>sub</c> of its tokens, and the salt of every key derived for it (keys.md 3).</summary>
[JsonConverter(typeof(WireTextConverter<UserId>))]
public readonly record struct UserId : IWireText<UserId>
{
    private readonly string? value;

    private UserId(string value) => this.value = value;

    public static string Rule => WireId.Rule;

    public string Value => value ?? "";

    public static bool TryParse(string? text, out UserId value)
    {
        bool valid = WireId.IsValid(text);
        value = valid ? new UserId(text!) : default;
        return valid;
    }

    public static UserId Parse(string text) => TryParse(text, out UserId value) ? value : throw new FormatException($"A UserId is {Rule}.");

    public override string ToString() => Value;
}
