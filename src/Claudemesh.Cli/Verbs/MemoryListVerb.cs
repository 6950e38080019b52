using System.CommandLine;
using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh memory list</c></summary>
internal static class MemoryListVerb
{
    public static Verb Declare(Surroundings around)
    {
        Option<string?> tag = RecallVerb.Tag();
        Option<int> limit = RecallVerb.Limit();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("list", "Lists what was kept, the newest first.")
        {
            Options = { tag, limit, workspace },
            Examples = ["memory list", "memory list --tag runbook --json=id,text"],
            Prints = RecallVerb.Shape,
            RunAsync = (parsed, cancellationToken) => RecallVerb.ListAsync(
                around, parsed.GetValue(workspace), query: null, parsed.GetValue(tag), parsed.GetValue(limit),
                "Nothing was kept yet: claudemesh remember TEXT.", cancellationToken),
        };
    }
}
