using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>Root keys, each sealed to one recipient. Whoever opens one compares it with the log, so the store need not know what is in it.</summary>
internal sealed class CopyStore(Database database)
{
    /// <summary>The newest copies of one recipient, newest first.</summary>
    public ValueTask<List<EpochCopy>> ListAsync(MeshNo mesh, string scope, PublicKey recipient, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            (Sql sql) => sql.List(
                """
                SELECT epoch, copy FROM sealed_copy WHERE mesh_no = @mesh AND scope = @scope AND recipient = @recipient
                ORDER BY epoch DESC LIMIT @limit
                """,
                row => new EpochCopy(row.GetInt64(0), recipient, row.GetFieldValue<byte[]>(1)),
                ("@mesh", mesh.Value), ("@scope", scope), ("@recipient", recipient.ToString()), ("@limit", (long)limit)),
            cancellationToken);

    /// <summary>Everybody who has a copy of an epoch.</summary>
    public async ValueTask<HashSet<PublicKey>> ListRecipientsAsync(MeshNo mesh, string scope, long epoch, CancellationToken cancellationToken) =>
    [
        .. await database.ReadAsync(
            (Sql sql) => sql.List(
                "SELECT recipient FROM sealed_copy WHERE mesh_no = @mesh AND scope = @scope AND epoch = @epoch",
                static row => PublicKey.Parse(row.GetString(0)),
                ("@mesh", mesh.Value), ("@scope", scope), ("@epoch", epoch)),
            cancellationToken),
    ];

    /// <returns>How many were new.</returns>
    public Task<int> PutAsync(MeshNo mesh, string scope, IReadOnlyList<EpochCopy> copies, PublicKey author, CancellationToken cancellationToken) =>
        database.WriteAsync(write => Put(write, mesh, scope, copies, author), cancellationToken);

    /// <summary>Part of the append's transaction. A copy that is there already is replaced by its own recipient only.</summary>
    /// <param name="author">Whose word this is; null where a record's author vouches for all of them, which are new then.</param>
    public static int Put(WriteScope write, MeshNo mesh, string scope, IReadOnlyList<EpochCopy> copies, PublicKey? author)
    {
        int added = 0;
        foreach (EpochCopy copy in copies)
        {
            int inserted = write.Sql.Execute(
                """
                INSERT INTO sealed_copy (mesh_no, scope, recipient, epoch, copy) VALUES (@mesh, @scope, @recipient, @epoch, @copy)
                ON CONFLICT (mesh_no, scope, recipient, epoch) DO NOTHING
                """,
                ("@mesh", mesh.Value), ("@scope", scope), ("@recipient", copy.Recipient.ToString()), ("@epoch", copy.Epoch), ("@copy", copy.Copy));
            added += inserted;
            if (inserted == 0 && copy.Recipient == author)
            {
                write.Sql.Execute(
                    "UPDATE sealed_copy SET copy = @copy WHERE mesh_no = @mesh AND scope = @scope AND recipient = @recipient AND epoch = @epoch",
                    ("@copy", copy.Copy), ("@mesh", mesh.Value), ("@scope", scope), ("@recipient", copy.Recipient.ToString()), ("@epoch", copy.Epoch));
            }
        }

        return added;
    }
}
