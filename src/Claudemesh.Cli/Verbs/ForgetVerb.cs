using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh forget ID</c></summary>
internal static class ForgetVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.ForgottenMemory);

    public static Verb Declare(Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "the memory's id, or the first 8 characters of it or more" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("forget", "Deletes what was kept, for all members and for good.")
        {
            Arguments = { id },
            Options = { workspace },
            Examples = ["forget 019ab3c4d5e67f00", "forget 019ab3c4 -w acme"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string which, string? where) = (parsed.GetRequiredValue(id), parsed.GetValue(workspace));
                LocalReply<ForgottenMemory> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.ForgetMemoryAsync(which, where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, gone => around.Terminal.WriteLine($"forgot {PlainText.Line(gone.Id)} of {PlainText.Line(gone.Workspace)}"));
            },
        };
    }
}
