using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using NpgsqlTypes;

namespace Claudemesh.Broker.Messaging;

/// <summary>Reads of the message log that a server answers in one round trip and SQLite faster one by one.</summary>
internal static class PostgresReads
{
    private const NpgsqlDbType Bigints = NpgsqlDbType.Array | NpgsqlDbType.Bigint;
    private const NpgsqlDbType Byteas = NpgsqlDbType.Array | NpgsqlDbType.Bytea;

    public static Known?[] Submissions(PostgresSession session, IReadOnlyList<(MemberNo Sender, byte[] ClientId)> keys)
    {
        PostgresStatement rows = session.Prepared(
            """
            SELECT k.place, s.message_id, s.fingerprint, m.recipients
            FROM unnest(?1, ?2) WITH ORDINALITY AS k (sender_no, client_id, place)
            JOIN submission s ON s.sender_no = k.sender_no AND s.client_id = k.client_id
            LEFT JOIN message m ON m.id = s.message_id
            """);
        rows.Bind(1, keys.Select(static key => key.Sender.Value).ToArray(), Bigints)
            .Bind(2, keys.Select(static key => key.ClientId).ToArray(), Byteas);

        Known?[] found = new Known?[keys.Count];
        while (rows.Read())
            found[rows.Int64(0) - 1] = new Known(new MessageRef(rows.Int64(1)), rows.BytesOrNull(2), (int)rows.Int64(3));

        return found;
    }
}
