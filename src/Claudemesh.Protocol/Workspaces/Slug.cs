using System.Buffers;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A workspace's short name: unique on its broker, and what a person types.</summary>
[JsonConverter(typeof(WireTextConverter<Slug>))]
public readonly record struct Slug : IWireText<Slug>
{
    public const int CharsMax = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz-");

    private readonly string? value;

    private Slug(string value) => this.value = value;

    public static string Rule => "1 to 64 lower-case letters, digits or - (not first or last)";

    public string Value => value ?? "";

    public static bool TryParse(string? text, out Slug value)
    {
        bool valid = text is { Length: > 0 and <= CharsMax } && text[0] != '-' && text[^1] != '-' && !text.AsSpan().ContainsAnyExcept(Allowed);
        value = valid ? new Slug(text!) : default;
        return valid;
    }

    public static Slug Parse(string text) => TryParse(text, out Slug value) ? value : throw new FormatException($"A Slug is {Rule}.");

    public override string ToString() => Value;
}
