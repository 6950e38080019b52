using System.CommandLine;
using System.CommandLine.Completions;
using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Completions;

/// <param name="Word">What the shell puts in.</param>
/// <param name="Description">What the shells that show one show beside it; empty: nothing.</param>
internal sealed record Completion(string Word, string Description);

internal sealed record CompletionList(IReadOnlyList<Completion> Completions);

/// <summary>What only the daemon knows.</summary>
internal enum LiveNames
{
    None,
    Workspaces,
    Groups,
    Topics,

    /// <summary>Of shared values.</summary>
    Keys,

    /// <summary>Members and sessions.</summary>
    People,

    /// <summary>Everything that can be written to.</summary>
    Addresses,
}

/// <summary>What could stand where the cursor is.</summary>
/// <param name="Fixed">From the table of verbs.</param>
/// <param name="Live">To be asked of the daemon.</param>
internal sealed record Possible(IReadOnlyList<Completion> Fixed, LiveNames Live)
{
    public static Possible Nothing { get; } = new([], LiveNames.None);
}

/// <summary>
/// Finds what could follow the words of a line, in the table that the parser uses. The parser itself is not asked: half a line is a mistake to it.
/// </summary>
internal static class Completer
{
    /// <param name="root">The whole program.</param>
    /// <param name="words">After the program's name; the last one is being typed and may be empty.</param>
    public static Possible Find(Verb root, IReadOnlyList<string> words)
    {
        Verb verb = root;
        int arguments = 0;
        Option? open = null;
        bool isText = false;
        foreach (string word in words.SkipLast(1))
        {
            if (open is not null)
                open = null;
            else if (word is "--")
                isText = true;
            else if (!isText && word.StartsWith('-'))
                open = word.Contains('=', StringComparison.Ordinal) ? null : FindOption(verb, word) is { } option && TakesValue(option) ? option : null;
            else if (arguments == 0 && FindVerb(verb, word) is { } below)
                verb = below;
            else
                arguments++;
        }

        string last = words.Count == 0 ? "" : words[^1];
        if (open is not null)
            return ValuesOf(open, "");
        if (isText || !last.StartsWith('-'))
            return PlacesOf(verb, arguments);

        int equals = last.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new Possible(OptionsOf(verb), LiveNames.None)
            : FindOption(verb, last[..equals]) is { } named ? ValuesOf(named, last[..(equals + 1)])
            : Possible.Nothing;
    }

    private static Verb? FindVerb(Verb verb, string name) =>
        verb.Subcommands.OfType<Verb>().FirstOrDefault(one => !one.Hidden && string.Equals(one.Name, name, StringComparison.Ordinal));

    private static Option? FindOption(Verb verb, string name) =>
        Mistakes.OptionsOf(verb).FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal) || one.Aliases.Contains(name));

    // --json takes its fields only after an equals sign.
    private static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option.HelpName is not "FIELDS";

    private static List<Completion> OptionsOf(Verb verb) =>
        [.. Mistakes.OptionsOf(verb).Where(one => !one.Hidden).Select(one => new Completion(one.Name, one.Description ?? ""))];

    private static Possible PlacesOf(Verb verb, int arguments)
    {
        if (verb.Subcommands.Count > 0)
        {
            return arguments > 0
                ? Possible.Nothing
                : new Possible([.. verb.Subcommands.OfType<Verb>().Where(one => !one.Hidden).Select(one => new Completion(one.Name, one.Description ?? ""))], LiveNames.None);
        }

        if (verb.Arguments.Count == 0)
            return Possible.Nothing;

        Argument place = verb.Arguments[Math.Min(arguments, verb.Arguments.Count - 1)];
        bool isFull = arguments >= verb.Arguments.Count && place.Arity.MaximumNumberOfValues <= 1;
        return isFull ? Possible.Nothing : new Possible([.. ChoicesOf(place)], LiveOf(place.Name));
    }

    /// <param name="before">What stands before the value in the same word.</param>
    private static Possible ValuesOf(Option option, string before)
    {
        LiveNames live = option.Name is "--workspace" ? LiveNames.Workspaces : LiveOf(option.HelpName ?? "");
        return new Possible([.. Choices(option.HelpName ?? "").Select(choice => new Completion(before + choice, ""))], live);
    }

    private static IEnumerable<Completion> ChoicesOf(Argument place) =>
        place.CompletionSources.SelectMany(source => source(CompletionContext.Empty)).Select(item => new Completion(item.Label, item.Detail ?? ""));

    // "now|next|low" in the help is also what can be typed.
    private static string[] Choices(string helpName) => helpName.Contains('|', StringComparison.Ordinal) ? helpName.Split('|') : [];

    /// <summary>In the table a place's name says what belongs there; the same name means the same in every verb.</summary>
    private static LiveNames LiveOf(string place) => place switch
    {
        "TO" => LiveNames.Addresses,
        "PEER" or "MEMBER" or "WHO" => LiveNames.People,
        "GROUP" => LiveNames.Groups,
        "TOPIC" => LiveNames.Topics,
        "KEY" => LiveNames.Keys,
        "WORKSPACE" or "OLD" => LiveNames.Workspaces,
        _ => LiveNames.None,
    };
}
