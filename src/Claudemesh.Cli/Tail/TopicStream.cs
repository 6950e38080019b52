using System.Globalization;
using System.Runtime.CompilerServices;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tail;

/// <summary>
/// A topic's posts as they arrive, each once and in order, whatever the daemon goes through: one that was killed is started again, one that was asked to
/// stop is waited for.
/// </summary>
/// <param name="after">The sequence behind which it begins.</param>
/// <param name="tell">Told, in sentences, when posts stop coming and when they come again.</param>
internal sealed class TopicStream(DaemonDoor door, string topic, string? workspace, long after, Action<string> tell)
{
    private static readonly TimeSpan WaitFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>Between looks at the socket of a daemon that was asked to stop; nothing is started by them.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private long through = after;
    private bool isAskedToStop;
    private bool isBrokerAway;
    private string lastTold = "";

    /// <summary>Runs until <paramref name="cancellationToken"/>, or until the daemon refuses the topic for good: then the last element is why.</summary>
    public async IAsyncEnumerable<LocalReply<Post>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            LocalProblem? problem = await FindDaemonAsync(cancellationToken);
            if (problem is null)
            {
                string from = through.ToString(CultureInfo.InvariantCulture);
                await foreach (LocalReply<LocalEvent> happened in door.Client.FollowTopicAsync(topic, workspace, from, cancellationToken))
                {
                    Back();
                    failures = 0;
                    problem = happened.Problem;
                    if (happened.Value?.Post is { } post)
                    {
                        through = post.Sequence;
                        yield return post;
                    }
                    else if (happened.Value is { } other)
                    {
                        Note(other);
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
            case { Broker: { State: ConnectionStates.Open } } when isBrokerAway:
                isBrokerAway = false;
                tell("connected again; what was posted meanwhile follows.");
                break;
            case { Broker: { State: not (ConnectionStates.Open or ConnectionStates.Connecting) } broker } when !isBrokerAway:
                isBrokerAway = true;
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
