using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh invite</c></summary>
internal static class InviteVerb
{
    public static Verb Declare(Surroundings around)
    {
        Option<int> uses = SharedOptions.Number("--uses", "how many may join with it, 1 to 1000", 1, 1, 1000);
        Option<TimeSpan> expires = SharedOptions.Duration("--expires", "how long it can be used", "7d");
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("invite", "Makes an invite to your workspace: a link, and a QR code where it fits the terminal.")
        {
            Options = { uses, expires, workspace },
            Subcommands = { InviteListVerb.Declare(around), InviteRevokeVerb.Declare(around) },
            Examples = ["invite", "invite --uses 5 --expires 12h", "invite --json=url", "invite list"],
            Prints = new JsonShape(LocalJson.Default.Invite),
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new CreateInvite(parsed.GetValue(workspace), parsed.GetValue(uses), (long)parsed.GetValue(expires).TotalSeconds);
                LocalReply<Invite> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.CreateInviteAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, new JsonShape(LocalJson.Default.Invite), made => Print(around, made));
            },
        };
    }

    private static void Print(Surroundings around, Invite made)
    {
        Terminal terminal = around.Terminal;
        string until = around.Minute(made.ExpiresAt);
        if (terminal.IsInteractive && QrPicture.Draw(made.Url, terminal.Columns) is { } picture)
            terminal.Write(picture);

        terminal.WriteLine(PlainText.Line(made.Url));
        string times = made.Uses == 1 ? "once" : $"{made.Uses} times";
        terminal.WriteLine(terminal.Dim($"Lets its holder into {PlainText.Line(made.Workspace)}, {times}, until {until}. Give it only to whom it is for."));
    }
}
