using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh remember TEXT [--tag TAG]</c></summary>
internal static class RememberVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Memory);

    public static Verb Declare(Surroundings around)
    {
        var text = new Argument<string[]>("TEXT") { Description = "what to keep; - reads it from standard input", Arity = ArgumentArity.OneOrMore };
        var tag = new Option<string[]>("--tag") { Description = "a word to find it by; may be given more than once", HelpName = "TAG" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("remember", "Keeps a text for all members, encrypted, to be found by its words.")
        {
            Arguments = { text },
            Options = { tag, workspace },
            Examples = ["remember \"the staging database listens on port 5433\" --tag db", "remember - --tag runbook < runbook.md"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string content, LocalProblem? problem) = await TextInput.ReadAsync(around.Terminal, "A memory", parsed.GetRequiredValue(text), cancellationToken);
                if (problem is not null)
                    return around.Terminal.Fail(problem);

                // The id is made here, so that asking again after the daemon died in the middle cannot keep it twice.
                string id = Guid.CreateVersion7(around.Clock.GetUtcNow()).ToString("N");
                var memory = new KeepMemory(content, parsed.GetValue(tag) ?? [], parsed.GetValue(workspace), id);
                LocalReply<Memory> reply = await around.Daemon.AskAsync((daemon, token) => daemon.KeepMemoryAsync(memory, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, kept => around.Terminal.WriteLine(
                    $"kept for the members of {PlainText.Line(kept.Workspace)}  {around.Terminal.Dim(PlainText.Line(kept.Id))}"));
            },
        };
    }
}
