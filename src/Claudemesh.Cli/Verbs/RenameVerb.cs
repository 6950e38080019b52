using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh rename OLD NEW</c></summary>
internal static class RenameVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Workspace);

    /// <param name="line">How it is typed, in examples.</param>
    public static Verb Declare(Surroundings around, string line = "rename")
    {
        var old = new Argument<string>("OLD") { Description = "the workspace's short name, as `claudemesh list` shows it" };
        var fresh = new Argument<string>("NEW") { Description = "its new short name: lower-case letters, digits and dashes" };
        var title = new Option<string?>("--title") { Description = "what it is called in full, if that changes too", HelpName = "TEXT" };
        return new Verb("rename", "Gives a workspace another short name. For its owner; other members keep the one that they know it by.")
        {
            Arguments = { old, fresh },
            Options = { title },
            Examples = [$"{line} acme acme-labs", $"{line} acme acme-labs --title \"Acme Labs\""],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new RenameWorkspace(parsed.GetRequiredValue(old), parsed.GetRequiredValue(fresh), parsed.GetValue(title));
                LocalReply<Workspace> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.RenameWorkspaceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, renamed => around.Terminal.WriteLine($"{PlainText.Line(request.Workspace)} is {PlainText.Line(renamed.Slug)} now"));
            },
        };
    }
}
