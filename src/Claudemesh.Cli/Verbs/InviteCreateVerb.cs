using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh invite</c> and <c>claudemesh invite create</c>, which are the same.</summary>
internal static class InviteCreateVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Invite);

    public static Verb Declare(Surroundings around) =>
        DeclareAs(around, "create", "Makes an invite: a link, and a QR code where it fits the terminal.", ["invite create --role admin", "invite create --legacy"], []);

    public static Verb DeclareAs(Surroundings around, string name, string description, string[] examples, Verb[] subcommands)
    {
        Option<int> uses = SharedOptions.Number("--uses", "how many may join with it, 1 to 1000", 1, 1, 1000);
        Option<TimeSpan> expires = SharedOptions.Duration("--expires", "how long it can be used", "7d");
        Option<string> role = MemberRoleVerb.RoleOption("what its joiners become: member or admin", "member", "admin");
        var legacy = new Option<bool>("--legacy") { Description = "the long link of 1.x; whoever joins with it waits until you admit him" };
        var mail = new Option<string?>("--mail") { Description = "have the broker write the link without its secret to this address; whoever comes by it waits until you admit him", HelpName = "ADDRESS" };
        Option<string?> workspace = SharedOptions.Workspace();
        var verb = new Verb(name, description)
        {
            Options = { uses, expires, role, legacy, mail, workspace },
            Examples = examples,
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new CreateInvite(
                    parsed.GetValue(workspace),
                    parsed.GetValue(uses),
                    (long)parsed.GetValue(expires).TotalSeconds,
                    parsed.GetRequiredValue(role),
                    parsed.GetValue(legacy),
                    parsed.GetValue(mail));
                LocalReply<Invite> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.CreateInviteAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, made => Print(around, made, request.Legacy));
            },
        };
        foreach (Verb subcommand in subcommands)
            verb.Subcommands.Add(subcommand);
        return verb;
    }

    private static void Print(Surroundings around, Invite made, bool isLegacy)
    {
        Terminal terminal = around.Terminal;
        if (terminal.IsInteractive && QrPicture.Draw(made.Url, terminal.Columns) is { } picture)
            terminal.Write(picture);

        terminal.WriteLine(PlainText.Line(made.Url));
        string times = made.Uses == 1 ? "once" : $"{made.Uses} times";
        string role = made.Role is "admin" ? " as admin" : "";
        string what = isLegacy
            ? $"Lets its holder ask to be let into {PlainText.Line(made.Workspace)}{role}, {times}, until {around.Minute(made.ExpiresAt)}; claudemesh member admit lets him in."
            : $"Lets its holder into {PlainText.Line(made.Workspace)}{role}, {times}, until {around.Minute(made.ExpiresAt)}. The link is the key: give it only to whom it is for.";
        terminal.WriteLine(terminal.Dim(what));
        if (made.MailedTo is { } to)
            terminal.WriteLine(terminal.Dim($"Written to {PlainText.Line(to)}, without the key: whoever comes by that letter waits, and claudemesh member admit lets him in."));
    }
}
