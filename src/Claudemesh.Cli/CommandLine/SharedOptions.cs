using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Claudemesh.Local;

namespace Claudemesh.Cli.CommandLine;

/// <summary>Options that mean the same wherever they are taken.</summary>
internal static class SharedOptions
{
    /// <summary>What the interpreter puts in place of a bare <c>--json</c>, so that the option never eats the word after it.</summary>
    public const string AllFields = "*";

    private const int MessageIdLengthMin = 8;

    public static Option<string?> Json() => new("--json")
    {
        Description = "print JSON; with =FIELD,FIELD only these fields",
        HelpName = "FIELDS",
        Recursive = true,
    };

    public static Option<bool> Help() => new("--help", "-h") { Description = "say what this does and how it is used", Recursive = true };

    public static Option<bool> NoDaemon() => new("--no-daemon")
    {
        Description = "use a daemon of this call alone, for CI: nobody is shown as online, and nothing stays running",
        Recursive = true,
    };

    public static Option<string?> Workspace() => new("--workspace", "-w")
    {
        Description = "the workspace's short name, as `claudemesh list` shows it",
        HelpName = "NAME",
    };

    public static Option<string?> DisplayName() => new("--as")
    {
        Description = "the name by which the others will know you; your login name if left out",
        HelpName = "DISPLAY-NAME",
    };

    /// <param name="initial">As a person would type it, for example <c>7d</c>.</param>
    public static Option<TimeSpan> Duration(string name, string description, string initial) => new(name)
    {
        Description = $"{description} ({initial})",
        HelpName = "TIME",
        DefaultValueFactory = _ => CommandLine.Duration.Parse(initial),
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (CommandLine.Duration.TryParse(text, out TimeSpan value))
                return value;

            result.AddError($"{name} takes a time such as 30s, 15m, 12h or 7d, not '{text}'.");
            return default;
        },
    };

    public static Option<TimeSpan?> OptionalDuration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (CommandLine.Duration.TryParse(text, out TimeSpan value))
                return value;

            result.AddError($"{name} takes a time such as 30s, 15m, 12h or 7d, not '{text}'.");
            return null;
        },
    };

    /// <summary>A moment in the past: a date or a time in ISO 8601, or how long ago it is.</summary>
    public static Option<DateTimeOffset?> Moment(string name, string description, TimeProvider clock) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (CommandLine.Duration.TryParse(text, out TimeSpan ago))
                return clock.GetUtcNow() - ago;

            // A time without a zone is the wall clock's where it was typed.
            if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime time) && char.IsAsciiDigit(text[0]))
            {
                return time.Kind is DateTimeKind.Unspecified
                    ? new DateTimeOffset(time, clock.LocalTimeZone.GetUtcOffset(time))
                    : new DateTimeOffset(time.ToUniversalTime());
            }

            result.AddError($"{name} takes a date such as 2026-01-31, a time such as 2026-01-31T12:00Z, or how long ago, such as 12h or 30d; not '{text}'.");
            return null;
        },
    };

    public static Option<int> Number(string name, string description, int initial, int min, int max) => new(name)
    {
        Description = $"{description} ({initial})",
        HelpName = "N",
        DefaultValueFactory = _ => initial,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                && value >= min && value <= max)
            {
                return value;
            }

            result.AddError($"{name} takes a number from {min} to {max}, not '{text}'.");
            return default;
        },
    };

    public static Option<string?> OneOf(string name, string description, params string[] values) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', values),
        CustomParser = result => Choose(result, name, values),
    };

    /// <summary>A message, as its sender or the broker calls it.</summary>
    public static Argument<string> MessageId() => new("ID")
    {
        Description = $"the message's id, or the first {MessageIdLengthMin} characters of it or more",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (text.Length < MessageIdLengthMin || !text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
                result.AddError($"'{text}' is no message id: at least {MessageIdLengthMin} letters and digits.");

            return text;
        },
    };

    public static Argument<string> OneOfArgument(string name, string description, params string[] values) => new(name)
    {
        Description = description,
        CustomParser = result => Choose(result, name, values)!,
    };

    private static string? Choose(ArgumentResult result, string name, string[] values)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (values.Contains(text, StringComparer.Ordinal))
            return text;

        string? meant = NearestMatch.Find(text, values);
        result.AddError($"{name} takes {string.Join(", ", values[..^1])} or {values[^1]}, not '{text}'.{NearestMatch.DidYouMean(meant)}");
        return null;
    }
}
