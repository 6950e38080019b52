using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A fact about what a session works on, such as <c>repo:billing</c>; addressed as <c>tag:repo:billing</c>. Compared as it is, letter case included.</summary>
[JsonConverter(typeof(WireTextConverter<TagName>))]
public readonly record struct TagName : IWireText<TagName>
{
    public const int CharsMax = 96;

    private readonly string? value;

    private TagName(string value) => this.value = value;

    public static string Rule => "1 to 96 letters, digits or -_./:+#@, the first a letter or digit";

    public string Value => value ?? "";

    public static bool TryParse(string? text, out TagName value)
    {
        bool valid = text is { Length: > 0 and <= CharsMax } && char.IsLetterOrDigit(text[0]) && NameText.IsWord(text, "-_./:+#@");
        value = valid ? new TagName(text!) : default;
        return valid;
    }

    public static TagName Parse(string text) => TryParse(text, out TagName value) ? value : throw new FormatException($"A TagName is {Rule}.");

    public override string ToString() => Value;
}
