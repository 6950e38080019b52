using Npgsql;

namespace Claudemesh.Broker.Messaging;

/// <summary>Writes cursor moves on a server.</summary>
internal static class PostgresMoves
{
    private const string CursorSql =
        """
        INSERT INTO cursor (reader_no, source_no, lane, through, at) SELECT * FROM unnest($1, $2, $3, $4, $5)
          ON CONFLICT (reader_no, source_no, lane) DO UPDATE
            SET through = excluded.through, at = excluded.at WHERE excluded.through > cursor.through
        """;

    // Only the first reader to pass a position makes it delivered.
    private const string MarkSql =
        """
        INSERT INTO cursor_mark (mailbox_no, lane, through, at)
        SELECT move.mailbox_no, move.lane, move.through, min(move.at)
        FROM unnest($1, $2, $3, $4) AS move (mailbox_no, lane, through, at)
        WHERE NOT EXISTS (
          SELECT 1 FROM cursor_mark m WHERE m.mailbox_no = move.mailbox_no AND m.lane = move.lane AND m.through >= move.through)
        GROUP BY move.mailbox_no, move.lane, move.through
          ON CONFLICT (mailbox_no, lane, through) DO NOTHING
        """;

    // A seat in a topic has one mark.
    private const string EarlierMarksSql =
        """
        DELETE FROM cursor_mark m USING unnest($1, $2, $3) AS move (mailbox_no, lane, through)
        WHERE m.mailbox_no = move.mailbox_no AND m.lane = move.lane AND m.through < move.through
        """;

    public static void AddTo(NpgsqlBatch batch, IReadOnlyDictionary<CursorKey, CursorMove> moves)
    {
        if (moves.Count == 0)
            return;

        // In one order everywhere, so that two that write the same rows wait for each other and never for good.
        List<(CursorKey Key, CursorMove Move)> rows =
        [
            .. moves.Select(static one => (one.Key, one.Value)).OrderBy(static one => one.Key.Reader.Value)
                .ThenBy(static one => one.Key.Source.Value).ThenBy(static one => one.Key.Lane),
        ];
        batch.Add(CursorSql)
            .Numbers(rows, static one => one.Key.Reader.Value)
            .Numbers(rows, static one => one.Key.Source.Value)
            .Numbers(rows, static one => (long)one.Key.Lane)
            .Numbers(rows, static one => one.Move.Through)
            .Numbers(rows, static one => one.Move.At.Micros);
        batch.Add(MarkSql)
            .Numbers(rows, static one => one.Key.Source.Value)
            .Numbers(rows, static one => (long)one.Key.Lane)
            .Numbers(rows, static one => one.Move.Through)
            .Numbers(rows, static one => one.Move.At.Micros);

        List<(CursorKey Key, CursorMove Move)> ofTopics = [.. rows.Where(static one => one.Move.OfTopic)];
        if (ofTopics.Count > 0)
        {
            batch.Add(EarlierMarksSql)
                .Numbers(ofTopics, static one => one.Key.Source.Value)
                .Numbers(ofTopics, static one => (long)one.Key.Lane)
                .Numbers(ofTopics, static one => one.Move.Through);
        }
    }
}
