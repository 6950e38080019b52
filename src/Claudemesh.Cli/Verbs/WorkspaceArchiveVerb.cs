using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh workspace archive WORKSPACE</c>, and <c>unarchive</c>.</summary>
internal static class WorkspaceArchiveVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Workspace);

    public static Verb Declare(Surroundings around, bool archived)
    {
        var workspace = new Argument<string>("WORKSPACE") { Description = "its short name, as `claudemesh list` shows it" };
        string name = archived ? "archive" : "unarchive";
        return new Verb(name, archived
            ? "Makes a workspace read-only: nothing is sent or written in it, and nobody is let in. For its owner."
            : "Brings an archived workspace back as it was. For its owner.")
        {
            Arguments = { workspace },
            Examples = [$"workspace {name} acme"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ArchiveWorkspace(parsed.GetRequiredValue(workspace), archived);
                LocalReply<Workspace> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.ArchiveWorkspaceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, one => around.Terminal.WriteLine(archived
                    ? $"{PlainText.Line(one.Slug)} is archived; claudemesh workspace unarchive {PlainText.Line(one.Slug)} brings it back."
                    : $"{PlainText.Line(one.Slug)} is as it was before."));
            },
        };
    }
}
