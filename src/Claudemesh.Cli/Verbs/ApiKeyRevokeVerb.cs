using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh apikey revoke ID</c></summary>
internal static class ApiKeyRevokeVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.RevokedApiKey);

    public static Verb Declare(Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "an id of `claudemesh apikey list`, or a beginning of one" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("revoke", "Ends an API key at once, with whatever is open by it. For owners and admins also those of others.")
        {
            Arguments = { id },
            Options = { workspace },
            Examples = ["apikey revoke k7Hb2m"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string which, string? where) = (parsed.GetRequiredValue(id), parsed.GetValue(workspace));
                LocalReply<RevokedApiKey> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.RevokeApiKeyAsync(which, where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, gone => around.Terminal.WriteLine($"revoked API key {PlainText.Line(gone.Id)} of {PlainText.Line(gone.Workspace)}"));
            },
        };
    }
}
