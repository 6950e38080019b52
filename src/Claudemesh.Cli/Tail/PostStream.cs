using System.Globalization;
using System.Runtime.CompilerServices;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tail;

/// <summary>
/// Posts as they arrive, each once and in order, whatever the daemon goes through: one that was killed is started again, one that was asked to stop is
/// waited for.
/// </summary>
/// <param name="topics">None: all.</param>
/// <param name="after">The sequence or the id of the post behind which it begins; null: now.</param>
/// <param name="tell">Told, in sentences, when posts stop coming and when they come again.</param>
internal sealed class PostStream(DaemonDoor door, IReadOnlyList<string> topics, string? workspace, string? after, Action<string> tell)
{
    private static readonly TimeSpan WaitFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>Between looks at the socket of a daemon that was asked to stop; nothing is started by them.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> away = new(StringComparer.Ordinal);
    private string? through = after;
    private bool isAskedToStop;
    private string lastTold = "";

    /// <summary>Whether it ends where what the daemon has stored ends.</summary>
    public bool EndsWhenCurrent { get; init; }

    /// <summary>Runs until <paramref name="cancellationToken"/>, or until the daemon refuses a topic for good: then the last element is why.</summary>
    public async IAsyncEnumerable<LocalReply<Post>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            LocalProblem? problem = await FindDaemonAsync(cancellationToken);
            if (problem is null)
            {
                await foreach (LocalReply<LocalEvent> happened in door.Client.FollowPostsAsync(topics, workspace, through, cancellationToken))
                {
                    Back();
                    failures = 0;
                    problem = happened.Problem;
                    if (happened.Value?.Post is { } post)
                    {
                        through = post.Sequence.ToString(CultureInfo.InvariantCulture);
                        yield return post;
                    }
                    else if (happened.Value is { } other)
                    {
                        Note(other);
                        if (EndsWhenCurrent && other.Kind is EventKinds.Current)
                            yield break;
                    }
                }
            }

            if (problem is { Retryable: false } and not { Error: LocalErrors.DaemonUnreachable })
            {
                yield return problem;
                yield break;
            }

            Tell(isAskedToStop ? "the daemon was stopped; posts come when it is back." : problem?.Detail ?? "the daemon has gone; starting it again.");
            await door.PauseAsync(isAskedToStop ? LookEvery : Backoff(failures), cancellationToken);
        }
    }

    private async Task<LocalProblem?> FindDaemonAsync(CancellationToken cancellationToken)
    {
        LocalReply<DaemonVersion> found = isAskedToStop
            ? await door.AskRunningAsync((daemon, token) => daemon.GetVersionAsync(token), cancellationToken)
            : await door.AskAsync((daemon, token) => daemon.GetVersionAsync(token), cancellationToken);
        if (found.Succeeded)
            isAskedToStop = false;
        return found.Problem;
    }

    private void Note(LocalEvent happened)
    {
        switch (happened)
        {
            case { Kind: EventKinds.Stopping }:
                isAskedToStop = true;
                break;
            case { Kind: EventKinds.Current }:
                through = happened.Id ?? through;
                break;
            case { Broker: { State: ConnectionStates.Open } broker } when away.Remove(broker.Slug):
                tell("connected again; what was posted meanwhile follows.");
                break;
            case { Broker: { State: not (ConnectionStates.Open or ConnectionStates.Connecting) } broker } when away.Add(broker.Slug):
                tell($"there is no connection to {PlainText.Line(broker.Broker)}; posts come when it is back. {PlainText.Line(broker.Detail ?? "")}".TrimEnd());
                break;
        }
    }

    private void Back()
    {
        if (lastTold.Length > 0)
            tell("the daemon is back; what was posted meanwhile follows.");
        lastTold = "";
    }

    private void Tell(string what)
    {
        if (lastTold == what)
            return;

        lastTold = what;
        tell(what);
    }

    private static TimeSpan Backoff(int failures) => TimeSpan.FromTicks(Math.Min(WaitMax.Ticks, WaitFirst.Ticks << Math.Min(failures, 16)));
}
