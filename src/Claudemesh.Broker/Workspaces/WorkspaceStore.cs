using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>A workspace as the broker keeps it.</summary>
/// <param name="ArchivedAt">Microseconds since 1970: since when it is read-only.</param>
/// <param name="EndedAt">Since when nobody gets in any more.</param>
internal sealed record WorkspaceRow(MeshNo No, MeshId Id, Slug Slug, string Name, PublicKey OwnerKey, long? ArchivedAt, long? EndedAt);

/// <param name="Log">Null: it has no log until its owner begins one.</param>
internal sealed record NewWorkspace(
    MeshId Id, Slug Slug, string Name, PublicKey OwnerKey, MemberId OwnerId, string OwnerName, FirstRecords? Log = null);

/// <summary>Workspaces: made whole in one transaction, with their owner's member row, everybody's mailbox, and #general.</summary>
internal sealed class WorkspaceStore(Database database)
{
    private const int SlugTriesMax = 100;

    public ValueTask<WorkspaceRow?> FindAsync(MeshId id, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            "SELECT no, id, slug, name, owner_pubkey, archived_at, ended_at FROM mesh WHERE id = @id",
            row => new WorkspaceRow(
                new MeshNo(row.GetInt64(0)),
                MeshId.Parse(row.GetString(1)),
                Slug.Parse(row.GetString(2)),
                row.GetString(3),
                PublicKey.Parse(row.GetString(4)),
                row.Int64OrNull(5),
                row.Int64OrNull(6)),
            ("@id", id.Value)),
        cancellationToken);

    /// <summary>
    /// Makes a workspace. Asked again with the same id and owner, it answers as it did before: the creator may not have
    /// heard. A slug that is taken gets the first free number behind it.
    /// </summary>
    /// <returns>The slug it got and its owner's member id, or why there is none.</returns>
    public Task<(Slug? Slug, MemberId Owner, MeshError? Refusal)> CreateAsync(NewWorkspace workspace, CancellationToken cancellationToken) =>
        database.WriteAsync(scope => Create(scope, workspace), cancellationToken);

    /// <returns>False when another workspace has the slug.</returns>
    public Task<bool> RenameAsync(MeshNo mesh, Slug slug, string name, CancellationToken cancellationToken, AuditActor? by = null) => database.WriteAsync(
        scope =>
        {
            if (scope.Sql.FindNumber("SELECT no FROM mesh WHERE slug = @slug AND no <> @no", ("@slug", slug.Value), ("@no", mesh.Value)) is not null)
                return false;

            scope.Sql.Execute("UPDATE mesh SET slug = @slug, name = @name WHERE no = @no", ("@slug", slug.Value), ("@name", name), ("@no", mesh.Value));
            AuditStore.Append(scope, mesh, new AuditEvent(
                AuditTypes.WorkspaceRenamed, by ?? AuditActor.Broker, new JsonObject { ["slug"] = slug.Value, ["name"] = name }));
            return true;
        },
        cancellationToken);

    /// <returns>Since when it is read-only; null: it is not.</returns>
    public Task<long?> ArchiveAsync(MeshNo mesh, bool archived, AuditActor by, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            int changed = scope.Sql.Execute(
                "UPDATE mesh SET archived_at = @at WHERE no = @no AND (archived_at IS NULL) = @archived",
                ("@at", archived ? scope.Now.Micros : null), ("@no", mesh.Value), ("@archived", archived));
            if (changed > 0)
                AuditStore.Append(scope, mesh, new AuditEvent(archived ? AuditTypes.WorkspaceArchived : AuditTypes.WorkspaceUnarchived, by, []));

            return scope.Sql.FindNumber("SELECT archived_at FROM mesh WHERE no = @no", ("@no", mesh.Value));
        },
        cancellationToken);

    /// <summary>From here on nobody gets in, its name is free, and what it has is to be deleted.</summary>
    public Task EndAsync(MeshNo mesh, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            End(scope, mesh);
            return true;
        },
        cancellationToken);

    /// <summary>Part of another write. Its row stays, without a name, so that who comes late is told.</summary>
    public static void End(WriteScope scope, MeshNo mesh) => scope.Sql.Execute(
        "UPDATE mesh SET ended_at = @now, deleted_at = @now, slug = lower(id), name = '' WHERE no = @mesh", ("@now", scope.Now.Micros), ("@mesh", mesh.Value));

    /// <summary>Part of the append that hands the workspace over, or changes its owner's key.</summary>
    public static void SetOwner(WriteScope scope, MeshNo mesh, PublicKey owner) => scope.Sql.Execute(
        "UPDATE mesh SET owner_pubkey = @owner WHERE no = @no", ("@owner", owner.ToString()), ("@no", mesh.Value));

    private static (Slug?, MemberId, MeshError?) Create(WriteScope scope, NewWorkspace workspace)
    {
        var made = scope.Sql.Find(
            """
            SELECT h.no, h.slug, h.owner_pubkey, COALESCE(m.id, ''), COALESCE(h.ended_at, 0) FROM mesh h
            LEFT JOIN member m ON m.mesh_no = h.no AND m.pubkey = h.owner_pubkey WHERE h.id = @id
            """,
            row => new { No = new MeshNo(row.GetInt64(0)), Slug = row.GetString(1), Owner = row.GetString(2), Member = row.GetString(3), Ended = row.GetInt64(4) != 0 },
            ("@id", workspace.Id.Value));
        if (made is not null)
        {
            return !made.Ended && string.Equals(made.Owner, workspace.OwnerKey.ToString(), StringComparison.Ordinal)
                && workspace.Log?.IsIn(scope.Sql, made.No) != false
                ? (Slug.Parse(made.Slug), MemberId.Parse(made.Member), null)
                : (null, default, MeshError.MeshIdTaken);
        }

        if (workspace.Log is not null && MemberStore.IsTaken(scope.Sql, workspace.OwnerId))
            return (null, default, MeshError.MemberIdTaken);

        if (FreeSlug(scope.Sql, workspace.Slug) is not { } slug)
            return (null, default, MeshError.SlugUnavailable);

        MeshNo mesh = new(scope.Sql.FindNumber(
            """
            INSERT INTO mesh (id, slug, name, owner_pubkey, created_at, settings)
            VALUES (@id, @slug, @name, @owner, @now, '{}') RETURNING no
            """,
            ("@id", workspace.Id.Value), ("@slug", slug.Value), ("@name", workspace.Name),
            ("@owner", workspace.OwnerKey.ToString()), ("@now", scope.Now.Micros))!.Value);
        DeliveryLog.AddOwner(scope, mesh);
        MailboxStore.GetOrAdd(scope, mesh, MailboxKind.Everyone, new MemberNo(0), key: "");
        TopicRows.AddGeneral(scope, mesh);
        MemberStore.Add(scope, new NewMember(
            mesh, workspace.OwnerId, workspace.OwnerKey, workspace.OwnerName, MemberRole.Owner, MemberKind.Person));
        workspace.Log?.Write(scope, mesh);
        AuditStore.Append(scope, mesh, new AuditEvent(AuditTypes.WorkspaceCreated, AuditActor.Joiner(workspace.OwnerId) with { Via = "member_key" }, new JsonObject
        {
            ["slug"] = slug.Value,
            ["name"] = workspace.Name,
            ["owner"] = workspace.OwnerId.Value,
            ["ownerPubkey"] = workspace.OwnerKey.ToString(),
        }));
        return (slug, workspace.OwnerId, null);
    }

    private static Slug? FreeSlug(Sql sql, Slug wished)
    {
        for (int number = 1; number <= SlugTriesMax; number++)
        {
            string tried = number == 1 ? wished.Value : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{wished.Value}-{number}");
            if (Slug.TryParse(tried, out Slug slug) && sql.FindNumber("SELECT no FROM mesh WHERE slug = @slug", ("@slug", tried)) is null)
                return slug;
        }

        return null;
    }
}
