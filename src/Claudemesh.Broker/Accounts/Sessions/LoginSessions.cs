using System.Collections.Concurrent;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Sessions;

/// <summary>Ends sessions, and at once with them what is open under one: streams, and whatever else asked to be told.</summary>
internal sealed class LoginSessions(LoginSessionStore store, KeyEndings endings, Database database)
{
    private readonly ConcurrentDictionary<long, Watch[]> watched = new();

    public ValueTask<(LoginSession Session, Account Account)?> FindAsync(string id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

    /// <returns>False when it was over before.</returns>
    public async Task<bool> EndAsync(LoginSession session, CancellationToken cancellationToken)
    {
        bool ended = await database.WriteAsync(scope => LoginSessionStore.End(scope, session.No), cancellationToken);
        Ended([session.No]);
        return ended;
    }

    public async Task EndAllAsync(AccountNo account, LoginSession? kept, CancellationToken cancellationToken) =>
        Ended(await database.WriteAsync(scope => LoginSessionStore.EndAll(scope, account, kept?.No), cancellationToken));

    /// <summary>Those that another write has ended, once it is committed.</summary>
    public void Ended(IReadOnlyCollection<long> sessions)
    {
        endings.Raise<LoginSession>(session => sessions.Contains(session.No));
        foreach (long session in sessions)
        {
            if (!watched.TryRemove(session, out Watch[]? watches))
                continue;
            foreach (Watch watch in watches)
                watch.End();
        }
    }

    /// <summary>For what stays open by a session that has been found: tells when it is over.</summary>
    /// <returns>Null when it has ended meanwhile.</returns>
    public async ValueTask<KeyWatch?> WatchAsync(LoginSession session, CancellationToken cancellationToken)
    {
        // Its end moves on as it is used: when this one is reached, whoever has something open comes again.
        KeyWatch watch = endings.Add(session, session.ExpiresAt);
        bool isLive = false;
        try
        {
            isLive = await store.FindAsync(session.Id, cancellationToken) is not null;
            return isLive ? watch : null;
        }
        finally
        {
            if (!isLive)
                watch.Dispose();
        }
    }

    /// <summary>Calls <paramref name="end"/> once when the session ends, from whichever thread ends it. Dispose what is returned to hear no more.</summary>
    /// <remarks>Look whether the session is live after this, not before: it may have ended between the two.</remarks>
    public IDisposable WatchFor(LoginSession session, Action end)
    {
        Watch watch = new(this, session.No, end);
        watched.AddOrUpdate(session.No, static (_, added) => [added], static (_, there, added) => [.. there, added], watch);
        return watch;
    }

    private void Forget(Watch gone)
    {
        while (watched.TryGetValue(gone.Session, out Watch[]? there))
        {
            Watch[] left = [.. there.Where(watch => watch != gone)];
            bool changed = left.Length == 0
                ? watched.TryRemove(new KeyValuePair<long, Watch[]>(gone.Session, there))
                : watched.TryUpdate(gone.Session, left, there);
            if (changed)
                return;
        }
    }

    private sealed class Watch(LoginSessions sessions, long session, Action end) : IDisposable
    {
        public long Session { get; } = session;

        public void End() => end();

        public void Dispose() => sessions.Forget(this);
    }
}
