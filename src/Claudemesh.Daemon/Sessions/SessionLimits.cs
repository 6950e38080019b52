using System.Collections.Concurrent;
using Claudemesh.Daemon.Storage;

namespace Claudemesh.Daemon.Sessions;

/// <summary>
/// Which sessions may do less than their person, and which processes are theirs. Kept over restarts. It guards against what a model is talked into and
/// what it does by mistake, with our programs; a program that its person's other processes cannot be told from is no prisoner of it.
/// </summary>
internal sealed class SessionLimits
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    private readonly DaemonDatabase database;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, Limit> limits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(SessionProcess Process, string Session), byte> processes = new();

    public SessionLimits(DaemonDatabase database, TimeProvider clock)
    {
        this.database = database;
        this.clock = clock;
        long since = (clock.GetUtcNow() - KeptFor).ToUnixTimeMilliseconds();
        foreach ((string id, Limit limit) in database.Read(sql => sql.Query(
            "SELECT session_id, allows, by_person FROM session_limit WHERE changed_at > $1",
            static row => (row.GetString(0), new Limit((SessionCapabilities)row.GetInt64(1), row.GetInt64(2) != 0)),
            since)))
        {
            limits[id] = limit;
        }

        foreach ((SessionProcess process, string id) in database.Read(sql => sql.Query(
            "SELECT pid, started_at, session_id FROM session_process", static row => (new SessionProcess((int)row.GetInt64(0), row.GetString(1)), row.GetString(2)))))
        {
            if (process.IsAlive)
                processes[(process, id)] = 0;
        }
    }

    /// <summary>All that a session may do; null: it is not limited.</summary>
    public SessionCapabilities? Find(string sessionId) =>
        limits.TryGetValue(sessionId, out Limit? limit) && limit.Allows != SessionCapabilities.All ? limit.Allows : null;

    /// <summary>All that a caller may do, by the sessions that he says or shows to belong to; null: he is not limited.</summary>
    /// <param name="sessions">The sessions that the request names as its own.</param>
    /// <param name="process">Who asks, where the operating system says it.</param>
    /// <param name="session">The session whose limit it is, to be named in a refusal.</param>
    public SessionCapabilities? FindFor(IEnumerable<string> sessions, int? process, out string? session)
    {
        session = null;
        if (limits.IsEmpty)
            return null;

        SessionCapabilities allows = SessionCapabilities.All;
        foreach (string id in sessions.Concat(process is { } pid ? SessionsOf(pid) : []).Distinct(StringComparer.Ordinal))
        {
            if (Find(id) is not { } limited)
                continue;

            allows &= limited;
            session ??= id;
        }

        return session is null ? null : allows;
    }

    /// <summary>A session is opened: with no more than it had, than its program asks for, and than whoever opens it has.</summary>
    public async Task OpenedAsync(
        string sessionId, SessionProcess process, SessionCapabilities? asked, SessionCapabilities? opener, CancellationToken cancellationToken)
    {
        limits.TryGetValue(sessionId, out Limit? before);
        if (before is not { ByPerson: true })
        {
            SessionCapabilities allows = (before?.Allows ?? SessionCapabilities.All) & (asked ?? SessionCapabilities.All) & (opener ?? SessionCapabilities.All);
            if (allows != (before?.Allows ?? SessionCapabilities.All))
                await KeepAsync(sessionId, new Limit(allows, ByPerson: false), cancellationToken);
        }

        if (limits.ContainsKey(sessionId))
            await KeepProcessesAsync(sessionId, process, cancellationToken);
    }

    /// <summary>A person has said what a session may do.</summary>
    public async Task SetAsync(string sessionId, SessionProcess process, SessionCapabilities allows, CancellationToken cancellationToken)
    {
        await KeepAsync(sessionId, new Limit(allows, ByPerson: true), cancellationToken);
        await KeepProcessesAsync(sessionId, process, cancellationToken);
    }

    private IEnumerable<string> SessionsOf(int pid)
    {
        HashSet<int> lineage = [.. SessionProcess.Lineage(pid)];
        return processes.Keys.Where(each => lineage.Contains(each.Process.Pid) && each.Process.IsAlive).Select(each => each.Session);
    }

    private async Task KeepAsync(string sessionId, Limit limit, CancellationToken cancellationToken)
    {
        // Holds from here on, also while it is written.
        limits[sessionId] = limit;
        await database.WriteAsync(
            sql => sql.Execute(
                """
                INSERT INTO session_limit (session_id, allows, by_person, changed_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (session_id) DO UPDATE SET allows = excluded.allows, by_person = excluded.by_person, changed_at = excluded.changed_at
                """,
                sessionId,
                (long)limit.Allows,
                limit.ByPerson ? 1L : 0L,
                clock.GetUtcNow().ToUnixTimeMilliseconds()),
            cancellationToken);
    }

    /// <summary>
    /// The program that opens a session is a child of the agent's own process, and so are the shells that the agent starts: those are known by their parent.
    /// </summary>
    private async Task KeepProcessesAsync(string sessionId, SessionProcess process, CancellationToken cancellationToken)
    {
        IEnumerable<SessionProcess> agent = SessionProcess.Lineage(process.Pid).Skip(1).Take(1).Select(SessionProcess.Find).OfType<SessionProcess>();
        SessionProcess[] fresh = [.. agent.Prepend(process).Where(each => processes.TryAdd((each, sessionId), 0))];
        (SessionProcess Process, string Session)[] gone = [.. processes.Keys.Where(each => !each.Process.IsAlive)];
        if (fresh.Length == 0 && gone.Length == 0)
            return;

        foreach ((SessionProcess Process, string Session) each in gone)
            processes.TryRemove(each, out _);
        await database.WriteAsync(
            sql =>
            {
                foreach ((SessionProcess Process, string Session) each in gone)
                    sql.Execute("DELETE FROM session_process WHERE pid = $1 AND started_at = $2 AND session_id = $3", (long)each.Process.Pid, each.Process.StartedAt, each.Session);
                foreach (SessionProcess each in fresh)
                    sql.Execute("INSERT INTO session_process (pid, started_at, session_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", (long)each.Pid, each.StartedAt, sessionId);
            },
            cancellationToken);
    }

    private sealed record Limit(SessionCapabilities Allows, bool ByPerson);
}
