using Claudemesh.Crypto;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Inbox;

/// <summary>
/// Deletes for good: the text is overwritten in the file and in what SQLite writes ahead of it. That the message was here is remembered as a hash, so that
/// a broker that pushes it again does not bring it back.
/// </summary>
internal sealed class InboxRemoval(DaemonDatabase database, JoinedWorkspaces workspaces)
{
    private const int SliceMax = 500;
    private const int PrefixMin = 8;

    /// <summary>Deletes what matches all that is given.</summary>
    /// <param name="from">A key or the beginning of one, or a sender's name in any case; null: from anybody.</param>
    /// <param name="before">Only what was received earlier; null: at any time.</param>
    public async Task<LocalReply<InboxRemoved>> FlushAsync(string? slug, string? from, DateTimeOffset? before, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequireOne(slug);
        if (!one.Succeeded)
            return one.Problem;

        // What arrives meanwhile is not meant.
        long last = database.Read(sql => sql.Number("SELECT MAX(seq) FROM inbox"));
        long no = one.Value.Row.No;
        int removed = 0;
        int slice;
        do
        {
            slice = await database.WriteAsync(
                sql => Remove(sql, Find(sql, $"{InboxStore.Filter} AND ($3 IS NULL OR i.received_at < $3) AND i.seq <= $4", no, from, before?.ToUnixTimeMilliseconds(), last)),
                cancellationToken);
            removed += slice;
        }
        while (slice == SliceMax);

        database.Scrub();
        return new InboxRemoved(one.Value.Row.Slug, removed);
    }

    /// <summary>Deletes one message, with all of its copies where it came to several sessions.</summary>
    /// <param name="id">The broker's id of it or its sender's, or a unique beginning of either.</param>
    public async Task<LocalReply<InboxRemoved>> DeleteAsync(string id, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (!within.Succeeded)
            return within.Problem;

        if (id.Length < PrefixMin)
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"Give at least the first {PrefixMin} characters of the id.", 400, ExitCode.BadArguments);

        long? no = slug is null ? null : within.Value[0].Row.No;
        const string Same = "($1 IS NULL OR i.workspace_no = $1) AND (substr(i.message_id, 1, length($2)) = $2 OR substr(i.client_message_id, 1, length($2)) = $2)";
        List<(string MessageId, string Slug)> found = database.Read(sql => sql.Query(
            $"SELECT DISTINCT i.message_id, w.slug FROM inbox i JOIN workspace w ON w.no = i.workspace_no WHERE {Same} LIMIT 2",
            row => (row.GetString(0), row.GetString(1)),
            no,
            id));
        switch (found)
        {
            case []:
                return LocalProblem.Of(LocalErrors.MessageNotFound, $"No message in the inbox begins with {id}.", 404, ExitCode.NotFound);
            case [_, _]:
                return LocalProblem.Of(LocalErrors.AmbiguousName, $"Several messages in the inbox begin with {id}; give more of it.", 409, ExitCode.BadArguments);
        }

        int removed = await database.WriteAsync(sql => Remove(sql, Find(sql, Same, no, id)), cancellationToken);
        database.Scrub();
        return new InboxRemoved(found[0].Slug, removed);
    }

    private static List<Doomed> Find(Sql sql, string condition, params ReadOnlySpan<object?> values) => sql.Query(
        $"SELECT i.seq, i.workspace_no, i.dedupe, i.received_at FROM inbox i WHERE {condition} ORDER BY i.seq LIMIT {SliceMax}",
        row => new Doomed(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3)),
        values);

    private static int Remove(Sql sql, List<Doomed> all)
    {
        foreach (Doomed one in all)
        {
            sql.Execute(
                "INSERT INTO inbox_gone (workspace_no, dedupe, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                one.WorkspaceNo,
                InboxStore.HashOf(one.Dedupe),
                one.ReceivedAt);
            sql.Execute("DELETE FROM inbox WHERE seq = $1", one.Seq);
        }

        return all.Count;
    }

    private sealed record Doomed(long Seq, long WorkspaceNo, string Dedupe, long ReceivedAt);
}
