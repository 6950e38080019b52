using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Me;

/// <param name="Before">Only older ones than this; null: from the newest on.</param>
/// <param name="Since">Only those that were made then or later.</param>
/// <param name="Count">How many at most.</param>
internal sealed record PostScanRange(MeshNo Mesh, MessageRef? Before, Instant Since, int Count);

/// <param name="Before">Where to go on; null: everything in the range was looked at.</param>
internal sealed record PostScanResult<T>(List<T> Found, MessageRef? Before);

/// <summary>
/// Looks through the posts of a workspace, newest first, a stretch of positions after the other and one row at a time, and stops after so
/// many: what it has not come to is asked for again from where it stopped. So one question holds no connection for long, whatever is in the store.
/// </summary>
internal sealed class PostScan(Database database)
{
    /// <summary>Positions of the workspace that one read looks at, and reads of one question.</summary>
    public const int Stretch = 500;
    public const int StretchesMax = 40;

    /// <summary>What is found has about so many bytes at most.</summary>
    private const int BytesMax = 4 * 1024 * 1024;

    private const string NewestSql = "SELECT max(id) FROM message WHERE id >= @first AND id < @before";

    private const string PostsSql =
        $"""
        SELECT {DeliveryReads.MessageColumns} FROM message m
        WHERE m.id >= ?1 AND m.id < ?2 AND m.target >= '#' AND m.target < '$' ORDER BY m.id DESC
        """;

    /// <param name="find">What is to be kept of a post; null: nothing. Called on the reader's thread.</param>
    /// <param name="sizeOf">About how many bytes that has.</param>
    public async ValueTask<PostScanResult<T>> RunAsync<T>(PostScanRange range, Func<Message, T?> find, Func<Message, int> sizeOf, CancellationToken cancellationToken)
        where T : class
    {
        Scan<T> scan = new(range, find, sizeOf);
        for (int stretch = 0; stretch < StretchesMax && scan.Next is not null; stretch++)
            await database.ReadAsync(session => scan.Read(session), cancellationToken);

        return new PostScanResult<T>(scan.Found, scan.GoOn);
    }

    private sealed class Scan<T>(PostScanRange range, Func<Message, T?> find, Func<Message, int> sizeOf)
        where T : class
    {
        private int bytes;

        public List<T> Found { get; } = [];

        /// <summary>What is looked at next is older than this; null: nothing more is.</summary>
        public MessageRef? Next { get; private set; } = range.Before ?? new MessageRef(range.Mesh, MessageRef.PositionMax);

        /// <summary>Where another question goes on; null: there is nothing more in the range.</summary>
        public MessageRef? GoOn { get; private set; }

        /// <returns>How many are found so far.</returns>
        public int Read(ISqlSession session)
        {
            // Positions that a restore has left out are passed over.
            MessageRef first = new(range.Mesh, 0);
            if (session.Sql.FindNumber(NewestSql, ("@first", first.Value), ("@before", Next!.Value.Value)) is not { } newest)
            {
                (Next, GoOn) = (null, null);
                return Found.Count;
            }

            MessageRef before = new(newest + 1);
            MessageRef from = new(range.Mesh, Math.Max(0, before.Position - Stretch));
            ISqlStatement rows = session.Prepared(PostsSql);
            rows.Bind(1, from.Value).Bind(2, before.Value);
            try
            {
                (Next, GoOn) = (from, from);
                MessageRef looked = before;
                while (Next is not null && rows.Read())
                {
                    Message post = DeliveryReads.ReadMessage(rows);
                    if (post.CreatedAt < range.Since)
                        (Next, GoOn) = (null, null);
                    else if (find(post) is { } found && !TryTake(post, found))
                        (Next, GoOn) = (null, looked);

                    looked = post.Id;
                }
            }
            finally
            {
                rows.Reset();
            }

            return Found.Count;
        }

        private bool TryTake(Message post, T found)
        {
            bytes += sizeOf(post);
            if (Found.Count == range.Count || (Found.Count > 0 && bytes > BytesMax))
                return false;

            Found.Add(found);
            return true;
        }
    }
}
