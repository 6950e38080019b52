using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Notifications;

/// <summary>
/// Takes out notifications that are past their time, and of members who have more unread than they may the oldest. In slices, each a
/// transaction; what there is to do is found on a reading connection.
/// </summary>
internal sealed class NotificationSweep(Database database, RetentionTimes times)
{
    private const int RowsMax = 1_000;

    /// <summary>A row is committed later than the time that it has.</summary>
    private static readonly TimeSpan CommitMax = TimeSpan.FromMinutes(5);

    /// <summary>Who was notified of nothing since then has no more than at that time; at first everybody is looked at.</summary>
    private Instant lookedAt;

    public async Task RunAsync(Instant now, CancellationToken cancellationToken)
    {
        await TakeOutAsync("created_at", now + -times.Notification, cancellationToken);
        await TakeOutAsync("read_at", now + -times.NotificationRead, cancellationToken);
        await CutAsync(cancellationToken);
        lookedAt = now + -CommitMax;
    }

    /// <param name="column">The name of a column that has an index of its own.</param>
    private async Task TakeOutAsync(string column, Instant before, CancellationToken cancellationToken)
    {
        while (await database.ReadAsync(
                (Sql sql) => sql.FindNumber($"SELECT 1 FROM notification WHERE {column} <= @before LIMIT 1", ("@before", before.Micros)), cancellationToken) is not null)
        {
            await database.WriteAsync(
                scope => scope.Sql.Execute(
                    $"""
                    DELETE FROM notification WHERE (recipient_no, message_id) IN (
                      SELECT recipient_no, message_id FROM notification WHERE {column} <= @before LIMIT @limit)
                    """,
                    ("@before", before.Micros), ("@limit", RowsMax)),
                cancellationToken);
        }
    }

    private async Task CutAsync(CancellationToken cancellationToken)
    {
        List<long> recipients = await database.ReadAsync(
            (Sql sql) => sql.List("SELECT DISTINCT recipient_no FROM notification WHERE created_at >= @since", static row => row.GetInt64(0), ("@since", lookedAt.Micros)),
            cancellationToken);
        foreach (long recipient in recipients)
        {
            if (await database.ReadAsync((Sql sql) => FindNewestBeyond(sql, recipient), cancellationToken) is not { } through)
                continue;

            while (await database.WriteAsync(
                scope => scope.Sql.Execute(
                    """
                    DELETE FROM notification WHERE recipient_no = @recipient AND message_id IN (
                      SELECT message_id FROM notification WHERE recipient_no = @recipient AND read_at IS NULL AND message_id <= @through LIMIT @limit)
                    """,
                    ("@recipient", recipient), ("@through", through), ("@limit", RowsMax)),
                cancellationToken) == RowsMax)
            {
            }
        }
    }

    private static long? FindNewestBeyond(Sql sql, long recipient) => sql.FindNumber(
        "SELECT message_id FROM notification WHERE recipient_no = @recipient AND read_at IS NULL ORDER BY message_id DESC LIMIT 1 OFFSET @kept",
        ("@recipient", recipient), ("@kept", NotificationStore.UnreadMax));
}
