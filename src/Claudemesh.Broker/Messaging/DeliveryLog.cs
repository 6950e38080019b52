using System.Collections.Immutable;
using System.Security.Cryptography;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Messaging;

/// <summary>The message log on SQLite: writes go through the one writer, reads are prepared statements on two connections.</summary>
internal sealed class DeliveryLog(Database database, HmacSha256Key idKey) : IDeliveryLog
{
    /// <summary>Positions left out by a restore: more than any lost tail can have held.</summary>
    public const long RestoreSkip = 1L << 20;

    private const int IncarnationSize = 16;

    public static async Task<DeliveryLog> OpenAsync(Database database, CancellationToken cancellationToken) =>
        new(database, new HmacSha256Key(await database.GetSecretAsync("message_id", cancellationToken)));

    public async ValueTask<Activation> OpenAsync(MeshNo mesh, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            scope =>
            {
                AddOwner(scope, mesh);
                long epoch = scope.Sql.FindNumber(
                    "UPDATE mesh_owner SET epoch = epoch + 1 WHERE mesh_no = @mesh RETURNING epoch", ("@mesh", mesh.Value))!.Value;
                MailboxNo everyone = MailboxStore.GetOrAdd(scope, mesh, MailboxKind.Everyone, new MemberNo(0), key: "");
                ImmutableArray<Incarnation> incarnations = ReadIncarnations(scope.Sql, mesh);
                return new Activation(
                    mesh, epoch, incarnations[^1].Bytes, MailboxStore.LastPosition(scope.Sql, mesh) + 1, everyone,
                    new MessageIds(mesh, idKey, incarnations));
            },
            cancellationToken);

    /// <summary>
    /// After a restore from a backup: the tail that was lost may live on in receivers, so its positions are left out and
    /// new ids are of a new incarnation. An open activation of the workspace is fenced.
    /// </summary>
    public Task<Incarnation> RenewIncarnationAsync(MeshNo mesh, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            AddOwner(scope, mesh);
            Incarnation renewed = new(
                MailboxStore.LastPosition(scope.Sql, mesh) + 1 + RestoreSkip, RandomNumberGenerator.GetBytes(IncarnationSize));
            scope.Sql.Execute(
                """
                UPDATE mesh_owner SET epoch = epoch + 1, incarnation = @incarnation, next_position = @next WHERE mesh_no = @mesh
                """,
                ("@incarnation", renewed.Bytes.ToArray()), ("@next", renewed.FirstPosition), ("@mesh", mesh.Value));
            Add(scope, mesh, renewed);
            return renewed;
        },
        cancellationToken);

    /// <summary>Part of another write, such as the one that makes the workspace. Does nothing where it is done already.</summary>
    public static void AddOwner(WriteScope scope, MeshNo mesh)
    {
        Incarnation first = new(FirstPosition: 1, RandomNumberGenerator.GetBytes(IncarnationSize));
        int added = scope.Sql.Execute(
            """
            INSERT INTO mesh_owner (mesh_no, epoch, incarnation, next_position) VALUES (@mesh, 0, @incarnation, @next)
              ON CONFLICT (mesh_no) DO NOTHING
            """,
            ("@mesh", mesh.Value), ("@incarnation", first.Bytes.ToArray()), ("@next", first.FirstPosition));
        if (added > 0)
            Add(scope, mesh, first);
    }

    public void Post(Activation activation, Step step, ICommitListener listener) =>
        database.Writer.Post(new PostedStep(activation, step, listener));

    public ValueTask<ImmutableArray<Stored>> ReadAfterAsync(
        Source source, Lane lane, long position, long asOf, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => DeliveryReads.Page(session, source, lane, position, asOf, limit), cancellationToken);

    public ValueTask<LaneFacts> ReadFactsAsync(MailboxNo mailbox, CancellationToken cancellationToken) =>
        database.ReadAsync(session => DeliveryReads.Facts(session, mailbox, database.Writer.Moves), cancellationToken);

    public ValueTask<Known?[]> FindSubmissionsAsync(
        IReadOnlyList<(MemberNo Sender, byte[] ClientId)> keys, CancellationToken cancellationToken) =>
        database.ReadAsync(session => DeliveryReads.Submissions(session, keys), cancellationToken);

    public ValueTask<ImmutableArray<CursorAt>> ReadCursorsAsync(ReaderNo reader, CancellationToken cancellationToken) =>
        database.ReadAsync(session => DeliveryReads.Cursors(session, reader, database.Writer.Moves), cancellationToken);

    public ValueTask<ImmutableArray<Stored>> ReadSetAsideAsync(ReaderNo reader, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(session => DeliveryReads.SetAside(session, reader, limit), cancellationToken);

    public ValueTask<Message?> FindMessageAsync(MessageRef message, CancellationToken cancellationToken) =>
        database.ReadAsync(session => DeliveryReads.FindMessage(session, message), cancellationToken);

    public ValueTask<ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)>> ReadOutcomesAsync(
        MessageRef message, CancellationToken cancellationToken) =>
        database.ReadAsync(session => OutcomeReads.Of(session, message, database.Writer.Moves), cancellationToken);

    public ValueTask<ImmutableArray<(MailboxNo Recipient, MailboxNo Heir)>> ReadHeirsAsync(
        MessageRef message, CancellationToken cancellationToken) =>
        database.ReadAsync(session => OutcomeReads.Heirs(session, message), cancellationToken);

    private static void Add(WriteScope scope, MeshNo mesh, Incarnation incarnation) => scope.Sql.Execute(
        "INSERT INTO incarnation (mesh_no, first_position, incarnation) VALUES (@mesh, @first, @incarnation)",
        ("@mesh", mesh.Value), ("@first", incarnation.FirstPosition), ("@incarnation", incarnation.Bytes.ToArray()));

    private static ImmutableArray<Incarnation> ReadIncarnations(Sql sql, MeshNo mesh) =>
    [
        .. sql.List(
            "SELECT first_position, incarnation FROM incarnation WHERE mesh_no = @mesh ORDER BY first_position",
            static row => new Incarnation(row.GetInt64(0), row.GetFieldValue<byte[]>(1)),
            ("@mesh", mesh.Value)),
    ];
}
