using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

namespace Claudemesh.Local;

/// <summary>
/// Keeps one session open at the daemon for as long as its program lives, and gives the messages that are to be put before it: each once and in order,
/// whatever the daemon goes through. A daemon that was killed is started again; one that was asked to stop is waited for.
/// </summary>
/// <param name="session">How it is first opened. Later it has the name that the daemon gave it, so that names stay when a daemon returns.</param>
/// <param name="tell">Told when the daemon cannot be reached or refuses, once for each reason; this goes on trying.</param>
[UnsupportedOSPlatform("windows")]
public sealed class SessionInbox(DaemonDoor door, OpenSession session, Action<LocalProblem> tell, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan WaitFirst = TimeSpan.FromMilliseconds(50);

    /// <summary>Between looks at the socket of a daemon that was asked to stop; nothing is started by them.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>A daemon that answered for so long was well.</summary>
    private static readonly TimeSpan WellAfter = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim opening = new(1, 1);
    private OpenSession session = session;
    private bool isAskedToStop;
    private string lastTold = "";

    /// <summary>The last message that was given. Null before the session was ever open.</summary>
    private long? after;

    /// <summary>Runs until <paramref name="cancellationToken"/>.</summary>
    public async IAsyncEnumerable<InboxItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            if (await OpenAsync(cancellationToken))
            {
                long openedAt = clock.GetTimestamp();
                await foreach (InboxItem item in FollowAsync(cancellationToken))
                {
                    after = item.Sequence;
                    yield return item;
                    failures = 0;
                }

                if (clock.GetElapsedTime(openedAt) > WellAfter)
                    failures = 0;
            }

            await Task.Delay(Wait(failures), clock, cancellationToken);
        }
    }

    /// <summary>Says what the session works on now. Without a daemon it is said as soon as there is one.</summary>
    public async Task ChangeTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken);
        try
        {
            if (session.Tags is { } now && now.SequenceEqual(tags, StringComparer.Ordinal))
                return;

            session = session with { Tags = tags };
            if (after is not null)
                await door.AskRunningAsync((daemon, token) => daemon.OpenSessionAsync(session, token), cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    public void Dispose() => opening.Dispose();

    private async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken);
        try
        {
            LocalReply<Session> opened = isAskedToStop
                ? await door.AskRunningAsync((daemon, token) => daemon.OpenSessionAsync(session, token), cancellationToken)
                : await door.AskAsync((daemon, token) => daemon.OpenSessionAsync(session, token), cancellationToken);
            if (!opened.Succeeded)
            {
                Tell(opened.Problem);
                return false;
            }

            isAskedToStop = false;
            lastTold = "";
            session = session with { Name = opened.Value.Name };
            after ??= opened.Value.After;
            return true;
        }
        finally
        {
            opening.Release();
        }
    }

    private async IAsyncEnumerable<InboxItem> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string from = after!.Value.ToString(CultureInfo.InvariantCulture);
        await foreach (LocalReply<LocalEvent> happened in door.Client.FollowAsync(session.Workspace, session.SessionId, from, cancellationToken))
        {
            if (happened.Problem is { } problem)
                Tell(problem);
            else if (happened.Value!.Kind is EventKinds.Stopping)
                isAskedToStop = true;
            else if (happened.Value.Message is { } message)
                yield return message;
        }
    }

    private TimeSpan Wait(int failures) =>
        isAskedToStop ? LookEvery : TimeSpan.FromTicks(Math.Min(WaitMax.Ticks, WaitFirst.Ticks << Math.Min(failures, 16)));

    private void Tell(LocalProblem problem)
    {
        if (isAskedToStop || problem.Detail == lastTold)
            return;

        lastTold = problem.Detail;
        tell(problem);
    }
}
