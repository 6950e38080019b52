using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh log show</c></summary>
internal static class LogShowVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.LogListing, "entries");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "show",
        "Shows who did what and when: the signed log of members, roles, invites and keys.",
        ["log show", "log show -w acme --json=seq,at,author,type,text"],
        Shape,
        (daemon, workspace, token) => daemon.ShowLogAsync(workspace, token),
        log => Print(around, log));

    private static void Print(Surroundings around, LogListing log)
    {
        if (log.Entries.Count == 0)
            around.Terminal.WriteLine($"{PlainText.Line(log.Workspace)} has no log yet: its owner's daemon begins it when it connects.");

        around.Terminal.Write(Table.Of(
        [
            .. log.Entries.Select(one => new[]
            {
                one.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture),
                around.Minute(one.At),
                PlainText.Line(one.Author),
                one.AuthorKey[..Math.Min(16, one.AuthorKey.Length)],
                PlainText.Line(one.Text),
            }),
        ]));
    }
}
