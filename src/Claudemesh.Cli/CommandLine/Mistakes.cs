using System.CommandLine;
using System.CommandLine.Parsing;
using Claudemesh.Local;

namespace Claudemesh.Cli.CommandLine;

/// <summary>Says what is wrong with a command line, in one sentence, and what was probably meant.</summary>
internal static class Mistakes
{
    /// <returns>Null when the line can be run.</returns>
    public static string? Find(ParseResult parsed)
    {
        var verb = (Verb)parsed.CommandResult.Command;
        return FindUnknownOption(parsed, verb)
            ?? FindUnknownVerb(parsed, verb)
            ?? FindMissingArgument(parsed, verb)
            ?? FindTooMuch(parsed, verb)
            // The parser misses a verb after the name of a group; that is answered with the group's help.
            ?? (parsed.Errors.Count > 0 && verb.RunAsync is not null ? parsed.Errors[0].Message : null)
            ?? verb.FindMistake?.Invoke(parsed);
    }

    /// <summary>The options that can be given to a verb: its own, and those of the verbs above it that go down.</summary>
    public static IEnumerable<Option> OptionsOf(Command verb)
    {
        foreach (Option own in verb.Options)
            yield return own;

        foreach (Command above in verb.Parents.OfType<Command>())
        {
            foreach (Option inherited in OptionsOf(above).Where(option => option.Recursive))
                yield return inherited;
        }
    }

    // The parser takes an option that it does not know for a plain word, and would send it as part of a message.
    private static string? FindUnknownOption(ParseResult parsed, Verb verb)
    {
        foreach (Token token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash)
                return null;

            if (token.Type == TokenType.Argument && LooksLikeOption(token.Value))
            {
                string name = token.Value.Split('=')[0];
                string? meant = NearestMatch.Find(name, OptionsOf(verb).SelectMany(option => option.Aliases.Prepend(option.Name)));
                return $"'{HelpPage.FullName(verb)}' has no option '{name}'.{NearestMatch.DidYouMean(meant)}";
            }
        }

        return null;
    }

    private static string? FindUnknownVerb(ParseResult parsed, Verb verb)
    {
        if (verb.Subcommands.Count == 0 || parsed.UnmatchedTokens.Count == 0)
            return null;

        string typed = parsed.UnmatchedTokens[0];
        return $"'{HelpPage.FullName(verb)}' has no verb '{typed}'.{NearestMatch.DidYouMean(NearestMatch.Find(typed, verb.Subcommands.Where(one => !one.Hidden).Select(one => one.Name)))}";
    }

    private static string? FindMissingArgument(ParseResult parsed, Verb verb)
    {
        string[] missing =
        [
            .. verb.Arguments
                .Where(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 })
                .Select(argument => argument.Name),
        ];
        return missing.Length == 0 ? null : $"'{HelpPage.FullName(verb)}' needs {string.Join(" and ", missing)}.";
    }

    private static string? FindTooMuch(ParseResult parsed, Verb verb) =>
        parsed.UnmatchedTokens.Count == 0 ? null : $"'{HelpPage.FullName(verb)}' does not know what to do with '{parsed.UnmatchedTokens[0]}'.";

    // "-5 degrees", "- first point" and "-" are texts; "--prio" and "-x" are not.
    private static bool LooksLikeOption(string word)
    {
        string name = word.Split('=')[0];
        return name.Length > 1 && name[0] == '-' && char.IsAsciiLetter(name.TrimStart('-').FirstOrDefault()) && !name.Any(char.IsWhiteSpace);
    }
}
