using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh state watch [KEY]</c>. Prints each change as it happens, until it is stopped; with <c>--json</c> one object a line.</summary>
internal static class StateWatchVerb
{
    private static readonly TimeSpan BetweenDaemons = TimeSpan.FromMilliseconds(500);

    public static Verb Declare(Surroundings around)
    {
        var key = new Argument<string?>("KEY") { Description = "only this one", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("watch", "Prints each value that changes, as it happens, until you stop it.")
        {
            Arguments = { key },
            Options = { workspace },
            Examples = ["state watch", "state watch deploy --json=value,revision"],
            Prints = StateSetVerb.Shape,
            RunAsync = (parsed, cancellationToken) => new Watch(around, parsed.GetValue(workspace), parsed.GetValue(key)).RunAsync(cancellationToken),
        };
    }

    /// <summary>One watch: what it has shown of each key, so that nothing is shown twice and nothing is missed over a restart of the daemon.</summary>
    private sealed class Watch(Surroundings around, string? workspace, string? key)
    {
        private readonly Dictionary<(string Workspace, string Key, bool Encrypted), long> shown = [];

        public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
        {
            LocalReply<SharedStateList> begun = await around.Daemon.AskAsync(ListAsync, cancellationToken);
            if (begun.Value is not { } list)
                return around.Terminal.Fail(begun.Problem!);

            foreach (SharedState entry in list.Entries)
                Remember(entry);
            while (true)
            {
                await foreach (LocalReply<LocalEvent> happened in around.Daemon.Client.FollowAsync(workspace, null, null, CatchUpAsync, cancellationToken))
                {
                    if (happened.Problem is { } problem && problem.Error is not LocalErrors.DaemonUnreachable)
                        return around.Terminal.Fail(problem);
                    if (happened.Value?.State is { } entry)
                        Show(entry);
                    else if (happened.Value?.Kind is EventKinds.Resync)
                        await CatchUpAsync(cancellationToken);
                }

                // The daemon has gone; a verb that needs it, or its system, starts the next one.
                await Task.Delay(BetweenDaemons, around.Clock, cancellationToken);
                await around.Daemon.StartAsync(cancellationToken);
            }
        }

        private Task<LocalReply<SharedStateList>> ListAsync(LocalClient daemon, CancellationToken cancellationToken) =>
            daemon.ListStateAsync(workspace, null, cancellationToken);

        /// <summary>What changed before the daemon began to tell.</summary>
        private async Task CatchUpAsync(CancellationToken cancellationToken)
        {
            LocalReply<SharedStateList> now = await around.Daemon.AskRunningAsync(ListAsync, cancellationToken);
            foreach (SharedState entry in now.Value?.Entries ?? [])
                Show(entry);
        }

        private void Show(SharedState entry)
        {
            bool isMeant = key is null || string.Equals(entry.Key, key, StringComparison.Ordinal);
            if (Remember(entry) && isMeant)
                around.Terminal.Emit(entry, StateSetVerb.Shape, Print);
        }

        private bool Remember(SharedState entry)
        {
            (string Workspace, string Key, bool Encrypted) id = (entry.Workspace, entry.Key, entry.Encrypted);
            if (shown.TryGetValue(id, out long before) && before >= entry.Revision)
                return false;

            shown[id] = entry.Revision;
            return true;
        }

        private void Print(SharedState entry) => around.Terminal.WriteLine(
            $"{around.Terminal.Bold(PlainText.Line(entry.Key))} in {PlainText.Line(entry.Workspace)}: {StatePrint.Short(entry)}  "
            + around.Terminal.Dim(StatePrint.Circumstances(around, entry)));
    }
}
