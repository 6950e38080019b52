using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The name of a topic without <c>#</c>: lower-case letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, at most 50, beginning with a letter or digit.</summary>
[JsonConverter(typeof(WireTextConverter<TopicName>))]
public readonly record struct TopicName : IWireText<TopicName>
{
    public const int CharsMax = 50;
    public const string General = "general";

    private readonly string? value;

    private TopicName(string value) => this.value = value;

    public static string Rule => "1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit";

    public string Value => value ?? "";

    public static bool TryParse(string? text, out TopicName name)
    {
        bool valid = text is { Length: > 0 and <= CharsMax } && IsFirst(text[0]) && text.All(c => IsFirst(c) || c is '-' or '_' or '.');
        name = valid ? new TopicName(text!) : default;
        return valid;
    }

    public static TopicName Parse(string text) => TryParse(text, out TopicName name) ? name : throw new FormatException($"A topic's name is {Rule}.");

    public override string ToString() => Value;

    private static bool IsFirst(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
