using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh state get KEY</c>. For people and scripts it prints the value and nothing else.</summary>
internal static class StateGetVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> key = StateSetVerb.Key();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("get", "Prints a value that the members have in common: a text as it is, anything else as JSON.")
        {
            Arguments = { key },
            Options = { workspace },
            Examples = ["state get deploy", "state get deploy --json=value,revision,written_by"],
            Prints = StateListVerb.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string name, string? where) = (parsed.GetRequiredValue(key), parsed.GetValue(workspace));
                LocalReply<SharedStateList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListStateAsync(where, name, token), cancellationToken);
                if (reply.Value is { } found && FindProblem(found) is { } problem)
                    return around.Terminal.Fail(problem);

                return around.Terminal.Show(reply, StateListVerb.Shape, list => Print(around, list));
            },
        };
    }

    private static LocalProblem? FindProblem(SharedStateList found)
    {
        string[] workspaces = [.. found.Entries.Select(entry => entry.Workspace).Distinct(StringComparer.Ordinal)];
        return workspaces.Length < 2 ? null : LocalProblem.Of(
            LocalErrors.WorkspaceRequired, $"Several workspaces have that key; say which: {string.Join(", ", workspaces)}.", 400, ExitCode.BadArguments);
    }

    private static void Print(Surroundings around, SharedStateList list)
    {
        SharedState first = list.Entries[0];
        string value = StatePrint.Value(first);

        // A script gets it as it is; a terminal obeys what it is shown.
        around.Terminal.WriteLine(around.Terminal.IsInteractive ? PlainText.Block(value, "") : value);
        around.Terminal.Flush();
        StatePrint.WarnOf(around.Terminal, first);
        if (!first.Encrypted)
            around.Terminal.Warn("it is not encrypted; its writer is vouched for by the server.");
        else if (list.Entries.Count > 1)
            around.Terminal.Warn("a 1.x client has set this key, too, not encrypted: claudemesh state list shows both.");
    }
}
