using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The name of a group, without the leading <c>@</c>. <c>all</c> is taken: <c>@all</c> is everybody. Compared as it is, letter case included.</summary>
[JsonConverter(typeof(WireTextConverter<GroupName>))]
public readonly record struct GroupName : IWireText<GroupName>
{
    public const int CharsMax = 64;

    private readonly string? value;

    private GroupName(string value) => this.value = value;

    public static string Rule => "1 to 64 letters, digits, -, _, . or / (not first or last), and not all";

    public string Value => value ?? "";

    public static bool TryParse(string? text, out GroupName value)
    {
        bool valid = text is { Length: > 0 and <= CharsMax } and not "all" && text[0] != '/' && text[^1] != '/' && NameText.IsWord(text, "-_./");
        value = valid ? new GroupName(text!) : default;
        return valid;
    }

    public static GroupName Parse(string text) => TryParse(text, out GroupName value) ? value : throw new FormatException($"A GroupName is {Rule}.");

    public override string ToString() => Value;
}
