using System.CommandLine;
using System.CommandLine.Parsing;
using Claudemesh.Local;

namespace Claudemesh.Cli.CommandLine;

/// <summary>
/// What cannot be taken back is asked about where somebody can answer; a script says <c>--yes</c>, and is told the exact line when it does not.
/// </summary>
internal static class Confirmation
{
    public static Option<bool> Yes() => new("--yes", "-y") { Description = "do it without asking" };

    /// <param name="question">What will happen, as a question.</param>
    /// <returns>Why it must not be done; null when it may.</returns>
    public static LocalProblem? Find(Surroundings around, ParseResult parsed, Option<bool> yes, string question)
    {
        if (parsed.GetValue(yes))
            return null;

        if (!around.Terminal.CanAsk)
        {
            return LocalProblem.Of(
                "confirmation_required", $"{question} Say that you mean it: {Line(parsed)} {yes.Name}", 400, ExitCode.BadArguments);
        }

        return around.Terminal.Ask(question) ? null : LocalProblem.Of("cancelled", "Nothing was done.", 499, ExitCode.Cancelled);
    }

    /// <summary>As <see cref="Find"/>, for what is so much that a name has to be typed for it.</summary>
    /// <param name="yes">Takes the name where nobody is asked.</param>
    /// <returns>The name as it was typed; or why it must not be done.</returns>
    public static (string? Typed, LocalProblem? Problem) FindTyped(Surroundings around, ParseResult parsed, Option<string?> yes, string name, string what)
    {
        string? typed = parsed.GetValue(yes);
        if (typed is null && !around.Terminal.CanAsk)
        {
            return (null, LocalProblem.Of(
                "confirmation_required", $"{what} Say that you mean it: {Line(parsed)} {yes.Name} {Quote(name)}", 400, ExitCode.BadArguments));
        }

        typed ??= around.Terminal.AskFor($"{what} Type its name to go on:");
        return string.Equals(typed, name, StringComparison.Ordinal)
            ? (typed, null)
            : (null, LocalProblem.Of("cancelled", $"'{typed}' is not {name}. Nothing was done.", 499, ExitCode.Cancelled));
    }

    /// <summary>The line as it was typed, for people: how it is to be printed is left out.</summary>
    private static string Line(ParseResult parsed)
    {
        List<string> words = ["claudemesh"];
        bool skips = false;
        foreach (Token token in parsed.Tokens)
        {
            bool isJson = token is { Type: TokenType.Option, Value: "--json" };
            if (!skips && !isJson)
                words.Add(Quote(token.Value));
            skips = isJson;
        }

        return string.Join(' ', words);
    }

    private static string Quote(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':' or '@' or '+' or ',')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
