using System.Buffers;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>An address to write to. Whether it is somebody's is known only once he has followed a link that was sent there.</summary>
[JsonConverter(typeof(WireTextConverter<EmailAddress>))]
public readonly record struct EmailAddress : IWireText<EmailAddress>
{
    /// <summary>RFC 5321 4.5.3.1: a path has 256 characters with its brackets.</summary>
    public const int CharsMax = 254;

    private const int LocalCharsMax = 64;

    private static readonly SearchValues<char> NotInLocal = SearchValues.Create("@ ,;:<>()[]\"\\");
    private static readonly SearchValues<char> NotInDomain = SearchValues.Create("@ ,;:<>()[]\"\\/_");

    private readonly string? value;

    private EmailAddress(string value) => this.value = value;

    public static string Rule => "an e-mail address such as ann@example.org, at most 254 characters";

    public string Value => value ?? "";

    public static bool TryParse(string? text, out EmailAddress value)
    {
        bool valid = text is { Length: >= 3 and <= CharsMax } && HasForm(text);
        value = valid ? new EmailAddress(text!) : default;
        return valid;
    }

    public static EmailAddress Parse(string text) => TryParse(text, out EmailAddress value) ? value : throw new FormatException($"It is {Rule}.");

    public override string ToString() => Value;

    /// <summary>No quoted local part, no comment, no literal: nothing that could end the header or name a second recipient.</summary>
    private static bool HasForm(string text)
    {
        int at = text.LastIndexOf('@');
        ReadOnlySpan<char> local = text.AsSpan(0, Math.Max(at, 0));
        ReadOnlySpan<char> domain = text.AsSpan(at + 1);
        if (local.Length is 0 or > LocalCharsMax || domain.Length is 0 || !NameText.IsLine(text))
            return false;

        return !local.ContainsAny(NotInLocal) && !domain.ContainsAny(NotInDomain) && domain[0] is not ('.' or '-') && domain[^1] is not ('.' or '-')
            && local[0] != '.' && local[^1] != '.' && !text.Contains("..", StringComparison.Ordinal);
    }
}
