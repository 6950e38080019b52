using System.Text;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A password as it was typed. It does not print; whether it is a good one is asked where it is set.</summary>
[JsonConverter(typeof(WireTextConverter<Password>))]
public readonly record struct Password : IWireText<Password>
{
    /// <summary>In UTF-8: the hash of a password costs time for each.</summary>
    public const int BytesMax = 1024;

    public const int CharsMin = 12;

    private readonly string? value;

    private Password(string value) => this.value = value;

    public static string Rule => "1 to 1,024 bytes of text";

    /// <summary>The password itself.</summary>
    public string Value => value ?? "";

    public static bool TryParse(string? text, out Password value)
    {
        bool valid = text is { Length: > 0 and <= BytesMax } && Encoding.UTF8.GetByteCount(text) <= BytesMax;
        value = valid ? new Password(text!) : default;
        return valid;
    }

    public static Password Parse(string text) => TryParse(text, out Password value) ? value : throw new FormatException($"A password is {Rule}.");

    public override string ToString() => "(password)";
}
