using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh me</c>: who one is in each workspace, and how much there is in it.</summary>
internal static class MeVerb
{
    private const int KeyLengthShown = 8;

    private static readonly JsonShape Shape = new(LocalJson.Default.MyOverview, "workspaces");

    public static Verb Declare(Surroundings around)
    {
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("me", "Shows who you are in each of your workspaces, and what is unread there.")
        {
            Options = { workspace },
            Subcommands =
            {
                MeTopicsVerb.Declare(around),
                NotificationListVerb.Declare(around, "notifications", "me"),
                MeActivityVerb.Declare(around),
                MeSearchVerb.Declare(around),
            },
            Examples = ["me", "me topics --unread", "me search schema migration", "me --json=workspace,unread_posts"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? where = parsed.GetValue(workspace);
                LocalReply<MyOverview> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ReadMyOverviewAsync(where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, mine => Print(around.Terminal, mine));
            },
        };
    }

    /// <summary>Beside what is listed: of which workspaces it may be old.</summary>
    public static void WarnOf(Terminal terminal, IEnumerable<StaleWorkspace> all)
    {
        foreach (StaleWorkspace stale in all)
            terminal.Warn($"What is shown of {PlainText.Line(stale.Workspace)} is what was known last. {PlainText.Line(stale.Why ?? "Its broker cannot be reached now.")}");
    }

    /// <summary>How many of something, in words.</summary>
    public static string Count(long count, string one, string several) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : several)}");

    private static void Print(Terminal terminal, MyOverview mine)
    {
        WarnOf(terminal, mine.Stale);
        if (mine.Workspaces.Count == 0)
            terminal.WriteLine("You are in no workspace yet: claudemesh new NAME makes one, claudemesh join LINK takes you into one.");

        terminal.Write(Table.Of([.. mine.Workspaces.Select(Row)]));
        if (mine.Workspaces.Count > 1)
            terminal.WriteLine(terminal.Dim(Sum(mine.Totals)));
    }

    private static string[] Row(MyWorkspace one) =>
    [
        PlainText.Line(one.Workspace),
        one.State,
        $"{PlainText.Line(one.DisplayName)} ({PlainText.Line(one.Role)}, {one.MemberKey[..Math.Min(KeyLengthShown, one.MemberKey.Length)]})",
        $"{Count(one.Members, "member", "members")}, {one.Online} online",
        Count(one.Topics, "topic", "topics"),
        Unread(one.UnreadMessages, one.UnreadPosts),
    ];

    private static string Sum(MyTotals totals) =>
        $"{totals.Workspaces} workspaces, {Count(totals.Online, "other", "others")} online, {Count(totals.Topics, "topic", "topics")}, {Unread(totals.UnreadMessages, totals.UnreadPosts)}";

    private static string Unread(long messages, long posts) => (messages, posts) switch
    {
        (0, 0) => "nothing unread",
        (_, 0) => $"{Count(messages, "message", "messages")} unread",
        (0, _) => $"{Count(posts, "post", "posts")} unread",
        _ => $"{Count(messages, "message", "messages")} and {Count(posts, "post", "posts")} unread",
    };
}
