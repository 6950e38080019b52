using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh rotate</c></summary>
internal static class RotateVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.RotatedKeys);

    public static Verb Declare(Surroundings around)
    {
        var noHistory = new Option<bool>("--no-history") { Description = "whoever joins from now on does not read what was written before" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("rotate", "Makes a new root key for your workspace and seals it to every member. For owners and admins.")
        {
            Options = { noHistory, workspace },
            Examples = ["rotate", "rotate --no-history -w acme"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new RotateKeys(parsed.GetValue(workspace), !parsed.GetValue(noHistory));
                LocalReply<RotatedKeys> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.RotateKeysAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, rotated => around.Terminal.WriteLine(
                    $"{PlainText.Line(rotated.Workspace)} has root key {rotated.Epoch} now, sealed to {rotated.Recipients}{(rotated.Recipients == 1 ? " recipient" : " recipients")}"));
            },
        };
    }
}
