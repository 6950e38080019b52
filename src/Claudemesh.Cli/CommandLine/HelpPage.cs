using System.CommandLine;
using System.Text;

namespace Claudemesh.Cli.CommandLine;

/// <summary>The help of a verb, or of a group of verbs, made from its declaration.</summary>
internal static class HelpPage
{
    public static string Of(Verb verb)
    {
        var page = new StringBuilder();
        page.Append(FullName(verb)).Append(" - ").Append(verb.Description).Append("\n\nusage: ").Append(Usage(verb)).Append('\n');

        Section(page, "verbs", verb.Subcommands.OfType<Verb>().Where(one => !one.Hidden).Select(one => (one.Name, one.Description ?? "")));
        Section(page, "arguments", verb.Arguments.Select(one => (one.Name, one.Description ?? "")));
        Section(page, "options", Mistakes.OptionsOf(verb).Where(one => !one.Hidden).Select(one => (Names(one), one.Description ?? "")));
        if (verb.Examples.Length > 0)
            page.Append("\nexamples:\n");
        foreach (string example in verb.Examples)
            page.Append("  claudemesh ").Append(example).Append('\n');

        if (verb.Subcommands.Count > 0)
            page.Append("\n'").Append(FullName(verb)).Append(" VERB --help' tells more about one of them.\n");

        return page.ToString();
    }

    public static string Usage(Verb verb)
    {
        var usage = new StringBuilder(FullName(verb));
        if (verb.Subcommands.Count > 0)
            usage.Append(verb.RunAsync is null ? " VERB" : " [VERB]");

        if (verb.Usage is { } words)
            return usage.Append(' ').Append(words).Append(" [OPTIONS]").ToString();

        foreach (Argument argument in verb.Arguments)
        {
            string name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + " ..." : argument.Name;
            usage.Append(' ').Append(argument.Arity.MinimumNumberOfValues > 0 ? name : $"[{name}]");
        }

        return usage.Append(" [OPTIONS]").ToString();
    }

    /// <summary>The verb with the words before it, as it is typed.</summary>
    public static string FullName(Command verb) =>
        verb.Parents.OfType<Command>().FirstOrDefault() is { } above ? $"{FullName(above)} {verb.Name}" : verb.Name;

    /// <summary>All names of an option and what it takes, as its help shows them.</summary>
    public static string Names(Option option)
    {
        string names = string.Join(", ", option.Aliases.Prepend(option.Name).OrderBy(name => name.Length));
        return option.HelpName switch
        {
            null => names,
            "FIELDS" => $"{names}[={option.HelpName}]",
            _ => $"{names} {option.HelpName}",
        };
    }

    private static void Section(StringBuilder page, string title, IEnumerable<(string Name, string Description)> rows)
    {
        (string Name, string Description)[] all = [.. rows];
        if (all.Length == 0)
            return;

        int width = all.Max(row => row.Name.Length);
        page.Append('\n').Append(title).Append(":\n");
        foreach ((string name, string description) in all)
            page.Append("  ").Append(name.PadRight(width)).Append("  ").Append(description).Append('\n');
    }
}
