using System.CommandLine;
using System.Text;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Verbs;

namespace Claudemesh.Cli.Manual;

/// <summary>A verb's page for <c>man</c>, made from its declaration, in roff's <c>man</c> macros.</summary>
internal static class ManPage
{
    /// <summary>As in <c>claudemesh-daemon-up</c>.</summary>
    public static string Name(Verb verb) => HelpPage.FullName(verb).Replace(' ', '-');

    public static string Of(Verb verb)
    {
        string name = Name(verb);
        var page = new StringBuilder();
        page.Append(".TH \"").Append(name.ToUpperInvariant()).Append("\" 1 \"\" \"claudemesh ").Append(VersionVerb.Current).Append("\" \"claudemesh\"\n");
        page.Append(".SH NAME\n").Append(Escape(name)).Append(" \\- ").Append(Escape((verb.Description ?? "").TrimEnd('.'))).Append('\n');
        page.Append(".SH SYNOPSIS\n.B ").Append(Escape(HelpPage.FullName(verb))).Append('\n').Append(Escape(HelpPage.Usage(verb)[HelpPage.FullName(verb).Length..].Trim())).Append('\n');

        List(page, "VERBS", verb.Subcommands.OfType<Verb>().Where(one => !one.Hidden).Select(one => (one.Name, one.Description)));
        List(page, "ARGUMENTS", verb.Arguments.Select(one => (one.Name, one.Description)));
        List(page, "OPTIONS", Mistakes.OptionsOf(verb).Where(one => !one.Hidden).Select(one => (HelpPage.Names(one), one.Description)));
        Examples(page, verb);
        List(page, "EXIT STATUS", ExitCodes.All.Select(one => (one.Code.ToString(System.Globalization.CultureInfo.InvariantCulture), (string?)one.Meaning)));
        SeeAlso(page, verb);
        return page.ToString();
    }

    private static void List(StringBuilder page, string title, IEnumerable<(string Name, string? Description)> rows)
    {
        (string Name, string? Description)[] all = [.. rows];
        if (all.Length == 0)
            return;

        page.Append(".SH ").Append(title).Append('\n');
        foreach ((string name, string? description) in all)
            page.Append(".TP\n.B ").Append(Escape(name)).Append('\n').Append(Escape(description ?? "")).Append('\n');
    }

    private static void Examples(StringBuilder page, Verb verb)
    {
        if (verb.Examples.Length == 0)
            return;

        page.Append(".SH EXAMPLES\n.nf\n");
        foreach (string example in verb.Examples)
            page.Append(Escape("claudemesh " + example)).Append('\n');
        page.Append(".fi\n");
    }

    private static void SeeAlso(StringBuilder page, Verb verb)
    {
        IEnumerable<Verb> near = verb.Subcommands.OfType<Verb>().Where(one => !one.Hidden).Concat(verb.Parents.OfType<Verb>());
        string[] references = [.. near.Select(one => $".BR {Escape(Name(one))} (1)")];
        if (references.Length > 0)
            page.Append(".SH SEE ALSO\n").AppendJoin(" ,\n", references).Append('\n');
    }

    // A dash would be set as a hyphen, and a dot or an apostrophe at the beginning of a line is a command to roff.
    private static string Escape(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("`", "\\(ga", StringComparison.Ordinal).Replace("^", "\\(ha", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal);
        return escaped.StartsWith('.') ? "\\&" + escaped : escaped;
    }
}
