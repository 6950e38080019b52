using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh apikey rotate ID</c></summary>
internal static class ApiKeyRotateVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.RotatedApiKey);

    public static Verb Declare(Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "a whole id of `claudemesh apikey list`" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("rotate", "Gives one of your API keys another secret, prints it, this once, and ends the old one.")
        {
            Arguments = { id },
            Options = { workspace },
            Examples = ["apikey rotate k7Hb2mQx9TzR4vYc1LwN8sPdU5fGj0aE"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string which, string? where) = (parsed.GetRequiredValue(id), parsed.GetValue(workspace));
                LocalReply<RotatedApiKey> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.RotateApiKeyAsync(which, where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, rotated => ApiKeyCreateVerb.PrintSecret(
                    around.Terminal,
                    rotated.Secret,
                    $"This is the key {PlainText.Line(rotated.Id)} of {PlainText.Line(rotated.Workspace)} from now on; the one before is over."));
            },
        };
    }
}
