using System.Collections.Concurrent;
using Claudemesh.Daemon.Storage;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Outbox;

/// <summary>
/// What this daemon has promised to send. A row is written before the verb is answered and ends in exactly one of accepted (and what receipts
/// add to it), refused or expired; nothing else removes it but retention.
/// </summary>
internal sealed class OutboxStore(DaemonDatabase database, TimeProvider clock)
{
    /// <summary>Copies that may wait in one workspace; past it a send is refused.</summary>
    public const int WaitingMax = 200_000;

    /// <summary>How long a copy may wait for its broker before it expires.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    public static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private const int EarlyReceiptsMax = 4096;

    private readonly EarlyReceipts early = new(EarlyReceiptsMax);

    // Counted here, because counting rows at each send would make a long queue ever slower to add to.
    private readonly ConcurrentDictionary<long, long> waiting = new();

    /// <summary>What was on its way when the last daemon died is sent again; the broker knows it by its id.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await database.WriteAsync(sql => sql.Execute("UPDATE outbox SET state = 'pending' WHERE state = 'sent'"), cancellationToken);
        List<(long WorkspaceNo, long Count)> counts = database.Read(sql => sql.Query(
            "SELECT workspace_no, COUNT(*) FROM outbox WHERE state = 'pending' GROUP BY workspace_no", row => (row.GetInt64(0), row.GetInt64(1))));
        foreach ((long workspaceNo, long count) in counts)
            waiting[workspaceNo] = count;
    }

    public async Task<Submission> SubmitAsync(Draft draft, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        bool full = CountWaiting(draft.WorkspaceNo) + draft.Copies.Count > WaitingMax;
        Submission submitted = await database.WriteAsync(sql => Submit(sql, draft, full, now), cancellationToken);
        if (submitted is Submission.Stored)
            AddWaiting(draft.WorkspaceNo, draft.Copies.Count);
        return submitted;
    }

    /// <summary>All copies of one send, by the id that the caller gave it.</summary>
    public (long WorkspaceNo, List<OutboxRow> Copies) FindBatch(string batch) => database.Read(sql => (
        sql.Number("SELECT workspace_no FROM outbox WHERE batch = $1 LIMIT 1", batch),
        sql.Query($"SELECT {OutboxRow.Columns} FROM outbox WHERE batch = $1 ORDER BY seq", OutboxRow.Read, batch)));

    /// <summary>The sends to which an id, or the beginning of one of at least 8 characters, belongs: theirs, a copy's or the broker's.</summary>
    public List<string> FindBatches(string id) => database.Read(sql =>
    {
        List<string> exact = sql.Query(
            "SELECT DISTINCT batch FROM outbox WHERE batch = $1 OR client_message_id = $1 OR message_id = $1 LIMIT 2", row => row.GetString(0), id);
        if (exact.Count > 0 || id.Length < 8)
            return exact;

        // '~' sorts after every character of an id.
        return sql.Query(
            """
            SELECT DISTINCT batch FROM outbox
            WHERE batch >= $1 AND batch < $1 || '~' OR client_message_id >= $1 AND client_message_id < $1 || '~' OR message_id >= $1 AND message_id < $1 || '~'
            LIMIT 2
            """,
            row => row.GetString(0),
            id);
    });

    /// <summary>Copies that wait to be sent, oldest first. Only what was committed before the call.</summary>
    public List<OutboxRow> ReadPending(long workspaceNo, long afterSeq, int limit) => database.Read(sql => sql.Query(
        $"SELECT {OutboxRow.Columns} FROM outbox WHERE workspace_no = $1 AND seq > $2 AND state = 'pending' ORDER BY seq LIMIT $3",
        OutboxRow.Read,
        workspaceNo,
        afterSeq,
        limit));

    /// <summary>Writes down in one transaction what the broker said and what has been handed to it meanwhile.</summary>
    public async Task SettleAsync(long workspaceNo, IReadOnlyList<Settlement> settled, IReadOnlyList<long> sent, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        int ended = await database.WriteAsync(
            sql =>
            {
                int count = 0;
                foreach (long seq in sent)
                    sql.Execute("UPDATE outbox SET state = 'sent', attempts = attempts + 1, changed_at = $2 WHERE seq = $1", seq, now);
                foreach (Settlement one in settled)
                {
                    // A receipt can overtake the answer to its own message: what has risen higher stays.
                    int changed = sql.Execute(
                        """
                        UPDATE outbox SET state = $2, reason = $3, message_id = COALESCE($4, message_id), changed_at = $5
                        WHERE seq = $1 AND state IN ('pending', 'sent')
                        """,
                        one.Seq,
                        one.State,
                        one.Reason,
                        one.MessageId,
                        now);
                    count += one.State is MessageStates.Pending ? 0 : changed;
                }

                return count;
            },
            cancellationToken);
        AddWaiting(workspaceNo, -ended);

        List<Raise> overtook = early.Find(settled.Select(one => one.MessageId).OfType<string>());
        if (overtook.Count > 0)
            await RaiseKnownAsync(workspaceNo, overtook, cancellationToken);
    }

    /// <summary>Raises copies by what receipts say, in one transaction; a state never falls and an ended one stays.</summary>
    /// <returns>The sends that changed.</returns>
    public async Task<IReadOnlyCollection<string>> RaiseAsync(long workspaceNo, IReadOnlyList<Raise> raises, CancellationToken cancellationToken)
    {
        (HashSet<string> batches, List<Raise> unknown) = await RaiseKnownAsync(workspaceNo, raises, cancellationToken);
        if (unknown.Count == 0)
            return batches;

        // Kept first and looked for once more after it: an acknowledgement that is written down meanwhile is found the one way or the other.
        early.Keep(unknown);
        batches.UnionWith((await RaiseKnownAsync(workspaceNo, unknown, cancellationToken)).Batches);
        return batches;
    }

    /// <summary>Ends what still waits for the broker of a workspace, in slices: it will never be taken.</summary>
    /// <returns>The sends that changed.</returns>
    public async Task<IReadOnlyCollection<string>> RefuseWaitingAsync(long workspaceNo, string reason, CancellationToken cancellationToken)
    {
        const int SliceMax = 1000;
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var batches = new HashSet<string>(StringComparer.Ordinal);
        int ended;
        do
        {
            List<string> slice = await database.WriteAsync(
                sql => sql.Query(
                    """
                    UPDATE outbox SET state = 'refused', reason = $2, changed_at = $3
                    WHERE seq IN (SELECT seq FROM outbox WHERE workspace_no = $1 AND state IN ('pending', 'sent') ORDER BY seq LIMIT $4) RETURNING batch
                    """,
                    row => row.GetString(0),
                    workspaceNo,
                    reason,
                    now,
                    SliceMax),
                cancellationToken);
            ended = slice.Count;
            batches.UnionWith(slice);
            AddWaiting(workspaceNo, -ended);
        }
        while (ended == SliceMax);

        return batches;
    }

    /// <summary>A workspace was deleted, and with it its rows.</summary>
    public void Forget(long workspaceNo) => waiting.TryRemove(workspaceNo, out _);

    /// <summary>Messages the broker has accepted and not ended, whose receipts may have been missed.</summary>
    public List<string> ReadOpen(long workspaceNo, long afterSeq, int limit, out long lastSeq)
    {
        List<(long Seq, string MessageId)> open = database.Read(sql => sql.Query(
            """
            SELECT seq, message_id FROM outbox WHERE workspace_no = $1 AND seq > $2 AND state IN ('accepted', 'delivered') AND message_id IS NOT NULL
            ORDER BY seq LIMIT $3
            """,
            row => (row.GetInt64(0), row.GetString(1)),
            workspaceNo,
            afterSeq,
            limit));
        lastSeq = open.Count == 0 ? afterSeq : open[^1].Seq;
        return [.. open.Select(one => one.MessageId)];
    }

    /// <returns>When the copy that waits longest was sent, in ms since 1970; null when none waits.</returns>
    public long? FindOldestWaiting(long workspaceNo) => database.Read(sql => sql
        .Query("SELECT created_at FROM outbox WHERE workspace_no = $1 AND state IN ('pending', 'sent') ORDER BY seq LIMIT 1", row => (long?)row.GetInt64(0), workspaceNo)
        .FirstOrDefault());

    public long CountWaiting(long workspaceNo) => waiting.GetValueOrDefault(workspaceNo);

    public Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        long before = clock.GetUtcNow().Subtract(Retention).ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql => sql.Execute(
                "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE changed_at < $1 AND state NOT IN ('pending', 'sent') ORDER BY seq LIMIT 1000)", before),
            cancellationToken);
    }

    /// <returns>The sends that changed, and the receipts that are of no message known here.</returns>
    private async Task<(HashSet<string> Batches, List<Raise> Unknown)> RaiseKnownAsync(
        long workspaceNo, IReadOnlyList<Raise> raises, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        (HashSet<string> batches, List<Raise> unknown, int ended) = await database.WriteAsync(
            sql =>
            {
                var changed = new HashSet<string>(StringComparer.Ordinal);
                var notFound = new List<Raise>();
                int left = 0;
                foreach (Raise raise in raises)
                {
                    if (FindRaised(sql, workspaceNo, raise) is not { } row)
                    {
                        notFound.Add(raise);
                        continue;
                    }

                    string state = raise.State;
                    if (row.Counts is { } before && raise.Counts is { } told)
                    {
                        Tally counts = before.Max(told);
                        state = OutboxStates.Of(counts);
                        if (counts != before)
                        {
                            Count(sql, row.Seq, counts, now);
                            changed.Add(row.Batch);
                        }
                    }

                    if (OutboxStates.Rank(state) <= OutboxStates.Rank(row.State))
                        continue;

                    sql.Execute(
                        "UPDATE outbox SET state = $2, reason = $3, message_id = $4, changed_at = $5 WHERE seq = $1",
                        row.Seq,
                        state,
                        raise.Reason,
                        raise.MessageId,
                        now);
                    changed.Add(row.Batch);
                    left += row.State is MessageStates.Pending or MessageStates.Sent ? 1 : 0;
                }

                return (changed, notFound, left);
            },
            cancellationToken);
        AddWaiting(workspaceNo, -ended);
        return (batches, unknown);
    }

    private static void Count(Sql sql, long seq, Tally counts, long now) => sql.Execute(
        """
        UPDATE outbox SET recipients = $2, delivered = $3, surfaced = $4, been_read = $5, refused = $6, expired = $7, changed_at = $8 WHERE seq = $1
        """,
        seq,
        counts.Recipients,
        counts.Delivered,
        counts.Surfaced,
        counts.Read,
        counts.Refused,
        counts.Expired,
        now);

    private static OutboxRow? FindRaised(Sql sql, long workspaceNo, Raise raise)
    {
        OutboxRow? row = raise.ClientMessageId is null
            ? null
            : sql.Find($"SELECT {OutboxRow.Columns} FROM outbox WHERE client_message_id = $1 AND workspace_no = $2", OutboxRow.Read, raise.ClientMessageId, workspaceNo);
        return row ?? sql.Find($"SELECT {OutboxRow.Columns} FROM outbox WHERE message_id = $1 AND workspace_no = $2", OutboxRow.Read, raise.MessageId, workspaceNo);
    }

    private void AddWaiting(long workspaceNo, int count) => waiting.AddOrUpdate(workspaceNo, count, (_, there) => there + count);

    private static Submission Submit(Sql sql, Draft draft, bool full, long now)
    {
        OutboxRow? there = sql.Find(
            $"SELECT {OutboxRow.Columns} FROM outbox WHERE batch = $1 OR client_message_id = $1 LIMIT 1", OutboxRow.Read, draft.Batch);
        if (there is not null)
        {
            bool same = string.Equals(there.Batch, draft.Batch, StringComparison.Ordinal) && there.Fingerprint.AsSpan().SequenceEqual(draft.Fingerprint);
            return same ? Submission.Again : Submission.Conflict;
        }

        if (full)
            return Submission.Full;

        foreach ((string clientMessageId, Contacts.Recipient to) in draft.Copies)
        {
            sql.Execute(
                """
                INSERT INTO outbox (workspace_no, batch, client_message_id, fingerprint, addressed_to, recipient_name, recipient_key, recipient_session_key,
                  encryption, recipient_online, session_id, reply_to, priority, body, created_at, state, changed_at, target)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'pending', $15, $16)
                """,
                draft.WorkspaceNo,
                draft.Batch,
                clientMessageId,
                draft.Fingerprint,
                draft.AddressedTo,
                to.Name,
                to.Key.Span.ToArray(),
                to.Session is { } session ? session.Span.ToArray() : Array.Empty<byte>(),
                to.Box ? Encryptions.Box : Encryptions.Member,
                to.Online ? 1L : 0L,
                draft.SessionId,
                draft.ReplyTo,
                draft.Priority,
                draft.Body,
                now,
                to.Target);
        }

        return Submission.Stored;
    }
}

/// <summary>The order of a message's states.</summary>
internal static class OutboxStates
{
    public static int Rank(string state) => state switch
    {
        MessageStates.Pending => 0,
        MessageStates.Sent => 1,
        MessageStates.Accepted => 2,
        MessageStates.Delivered => 3,
        MessageStates.Surfaced => 4,
        _ => 5,
    };

    /// <summary>What a message to several has come to: the state that each of them has, or has gone beyond. Some who never had it do not hold it back for good.</summary>
    public static string Of(Tally counts)
    {
        int reached = counts.Recipients - counts.Refused - counts.Expired;
        if (counts.Recipients == 0)
            return MessageStates.Accepted;
        if (reached <= 0)
            return counts.Refused >= counts.Expired ? MessageStates.Refused : MessageStates.Expired;
        if (counts.Read >= reached)
            return MessageStates.Read;
        if (counts.Surfaced >= reached)
            return MessageStates.Surfaced;
        return counts.Delivered >= reached ? MessageStates.Delivered : MessageStates.Accepted;
    }

    public static bool IsEnd(string state) => Rank(state) == 5;

    /// <summary>The least advanced of several; a refused copy does not hide one that is still open.</summary>
    public static string Least(IEnumerable<string> states) => states.MinBy(Rank) ?? MessageStates.Pending;
}
