using System.Text;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>
/// The name by which one signs in: unique on its broker. ASCII only, so that no letter of another script stands for one that it is not; who wants another
/// script has it in his display name. Kept as it was written, and found by its <see cref="Skeleton"/>.
/// </summary>
[JsonConverter(typeof(WireTextConverter<Username>))]
public readonly record struct Username : IWireText<Username>
{
    public const int CharsMin = 2;
    public const int CharsMax = 32;

    private readonly string? value;

    private Username(string value) => this.value = value;

    public static string Rule => "2 to 32 of the letters a to z, digits, . _ and -, with a letter or digit first and last and after each mark";

    public string Value => value ?? "";

    /// <summary>
    /// What makes two names the same: without regard to case, and with whatever looks alike in a usual font as one (0 and o; 1, i and l; rn and m; vv and w).
    /// Two accounts never have one skeleton, and either spelling finds the account.
    /// </summary>
    public string Skeleton
    {
        get
        {
            StringBuilder skeleton = new(Value.Length + 8);
            foreach (char letter in Value)
            {
                skeleton.Append(char.ToLowerInvariant(letter) switch
                {
                    '0' => "o",
                    '1' or 'i' => "l",
                    'm' => "rn",
                    'w' => "vv",
                    char other => other.ToString(),
                });
            }

            return skeleton.ToString();
        }
    }

    public static bool TryParse(string? text, out Username value)
    {
        bool valid = text is { Length: >= CharsMin and <= CharsMax } && HasForm(text);
        value = valid ? new Username(text!) : default;
        return valid;
    }

    public static Username Parse(string text) => TryParse(text, out Username value) ? value : throw new FormatException($"A username is {Rule}.");

    public override string ToString() => Value;

    private static bool HasForm(string text)
    {
        bool afterMark = true;
        foreach (char letter in text)
        {
            bool isMark = letter is '.' or '_' or '-';
            if ((isMark && afterMark) || !(isMark || char.IsAsciiLetterOrDigit(letter)))
                return false;

            afterMark = isMark;
        }

        return !afterMark;
    }
}
