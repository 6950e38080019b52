using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh bans</c></summary>
internal static class BansVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.BanList, "bans");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "bans",
        "Lists who is banned, newest first. For owners and admins.",
        ["bans", "bans --json=name,key,banned_at"],
        Shape,
        (daemon, workspace, token) => daemon.ListBansAsync(workspace, token),
        list => Print(around, list));

    private static void Print(Surroundings around, BanList list)
    {
        if (list.Bans.Count == 0)
            around.Terminal.WriteLine("Nobody is banned.");

        around.Terminal.Write(Table.Of(
        [
            .. list.Bans.Select(ban => new[]
            {
                PlainText.Line(ban.Name),
                ban.Key[..Math.Min(12, ban.Key.Length)],
                around.Minute(ban.BannedAt),
            }),
        ]));
    }
}
