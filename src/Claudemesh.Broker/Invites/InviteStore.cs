using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <param name="TokenHash">SHA-256 of the token; the token itself is never kept.</param>
internal sealed record NewInvite(
    InviteId Id, MeshNo Mesh, byte[] TokenHash, MemberRole Role, int UsesMax, MemberNo CreatedBy, DateTimeOffset ExpiresAt);

/// <param name="Id">The new member's id, unless the key is a member already.</param>
/// <param name="Waits">Whether an admin's device has to admit him: then he is no member yet.</param>
internal sealed record JoinRequest(
    MeshNo Mesh, byte[] TokenHash, PublicKey Key, MemberId Id, string DisplayName, MemberRole Role, MemberKind Kind, bool Waits = false);

/// <summary>Who came by a link: a member, or somebody who waits; or why neither.</summary>
internal readonly record struct JoinOutcome(MeshMember? Member, WaitingMember? Waiting, MeshError? Refusal)
{
    public static implicit operator JoinOutcome(MeshError refusal) => new(null, null, refusal);

    public static implicit operator JoinOutcome(MeshMember member) => new(member, null, null);
}

/// <summary>An invite with which somebody can still join.</summary>
internal sealed record InviteRow(
    InviteId Id, MemberRole Role, int UsesLeft, int UsesMax, Instant CreatedAt, Instant ExpiresAt, MemberNo CreatedBy);

/// <summary>Invites, and the joins that use them up.</summary>
internal sealed class InviteStore(Database database)
{
    private const int ListedMax = 1_000;
    private const string Open = "mesh_no = @mesh AND revoked_at IS NULL AND expires_at > @now AND uses < uses_max";

    /// <returns>False when an invite with this token is there already.</returns>
    public Task<bool> AddAsync(NewInvite invite, CancellationToken cancellationToken, AuditActor? by = null) =>
        database.WriteAsync(scope => Add(scope, invite, by ?? AuditActor.Broker), cancellationToken);

    private static bool Add(WriteScope scope, NewInvite invite, AuditActor by)
    {
        int added = scope.Sql.Execute(
            """
            INSERT INTO invite (id, mesh_no, token_hash, payload, role, uses_max, uses, created_by, created_at, expires_at)
            VALUES (@id, @mesh, @hash, '', @role, @max, 0, @by, @now, @expires)
            ON CONFLICT (token_hash) DO NOTHING
            """,
            ("@id", invite.Id.Value), ("@mesh", invite.Mesh.Value), ("@hash", invite.TokenHash), ("@role", (long)invite.Role),
            ("@max", (long)invite.UsesMax), ("@by", invite.CreatedBy.Value), ("@now", scope.Now.Micros),
            ("@expires", invite.ExpiresAt.ToUnixTimeMilliseconds() * 1000));
        if (added == 0)
            return false;

        AuditStore.Append(scope, invite.Mesh, new AuditEvent(AuditTypes.InviteCreated, by, new JsonObject
        {
            ["invite"] = invite.Id.Value,
            ["role"] = RoleWord(invite.Role),
            ["uses"] = invite.UsesMax,
            ["expiresAt"] = invite.ExpiresAt.ToUnixTimeMilliseconds(),
        }));
        return true;
    }

    /// <summary>
    /// Takes one use and adds the member, in one transaction: two joiners never share the last use. A key that is a member
    /// already uses nothing up; one that was removed stays out.
    /// </summary>
    public Task<JoinOutcome> JoinAsync(JoinRequest join, CancellationToken cancellationToken) =>
        database.WriteAsync(scope => Join(scope, join), cancellationToken);

    /// <summary>Newest first.</summary>
    public ValueTask<List<InviteRow>> ListOpenAsync(MeshNo mesh, Instant now, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            $"SELECT id, role, uses_max - uses, uses_max, created_at, expires_at, created_by FROM invite WHERE {Open} ORDER BY no DESC LIMIT @limit",
            row => new InviteRow(
                InviteId.Parse(row.GetString(0)),
                (MemberRole)row.GetInt64(1),
                (int)row.GetInt64(2),
                (int)row.GetInt64(3),
                new Instant(row.GetInt64(4)),
                new Instant(row.GetInt64(5)),
                new MemberNo(row.GetInt64(6))),
            ("@mesh", mesh.Value), ("@now", now.Micros), ("@limit", ListedMax)),
        cancellationToken);

    /// <param name="id">Whole, or a beginning that only one open invite has.</param>
    /// <returns>The whole id of what is revoked, or why nothing is.</returns>
    public Task<(InviteId? Revoked, MeshError? Refusal)> RevokeAsync(MeshNo mesh, InviteId id, CancellationToken cancellationToken, AuditActor? by = null) =>
        database.WriteAsync(scope => Revoke(scope, mesh, id, by ?? AuditActor.Broker), cancellationToken);

    /// <summary>Part of another write: nobody comes in any more with an invite that was made before.</summary>
    public static void EndAll(WriteScope scope, MeshNo mesh) => scope.Sql.Execute(
        $"UPDATE invite SET revoked_at = @now WHERE {Open}",
        ("@now", scope.Now.Micros), ("@mesh", mesh.Value));

    private static (InviteId?, MeshError?) Revoke(WriteScope scope, MeshNo mesh, InviteId id, AuditActor by)
    {
        // Ids have letters, digits, - and _; the last is a pattern of LIKE, hence the comparison of a part.
        List<string> found = scope.Sql.List(
            $"SELECT id FROM invite WHERE {Open} AND substr(id, 1, length(@id)) = @id ORDER BY id <> @id LIMIT 2",
            static row => row.GetString(0),
            ("@mesh", mesh.Value), ("@now", scope.Now.Micros), ("@id", id.Value));
        if (found.Count == 0)
            return (null, MeshError.InviteNotFound.With($"No open invite has an id that begins with {id.Value}; the id is invalid. List the invites."));

        if (found.Count > 1 && !string.Equals(found[0], id.Value, StringComparison.Ordinal))
            return (null, MeshError.AmbiguousTarget.With($"The id is invalid: several open invites begin with {id.Value}. Give more of it."));

        scope.Sql.Execute("UPDATE invite SET revoked_at = @now WHERE id = @id", ("@now", scope.Now.Micros), ("@id", found[0]));
        WaitingStore.Dismiss(scope, mesh, found[0]);
        AuditStore.Append(scope, mesh, new AuditEvent(AuditTypes.InviteRevoked, by, new JsonObject { ["invite"] = found[0] }));
        return (InviteId.Parse(found[0]), null);
    }

    private static JoinOutcome Join(WriteScope scope, JoinRequest join)
    {
        if (MemberStore.Find(scope.Sql, join.Mesh, join.Key) is { } known)
            return known.Removed ? MeshError.MemberRemoved : known;
        if (join.Waits && WaitingStore.Find(scope.Sql, join.Mesh, join.Key) is { } waiting)
            return new JoinOutcome(null, waiting, null);

        var invite = scope.Sql.Find(
            "SELECT mesh_no, role, uses_max, uses, expires_at, revoked_at, id FROM invite WHERE token_hash = @hash",
            row => new
            {
                Mesh = new MeshNo(row.GetInt64(0)),
                Role = (MemberRole)row.GetInt64(1),
                UsesLeft = row.GetInt64(2) - row.GetInt64(3),
                ExpiresAt = new Instant(row.GetInt64(4)),
                Revoked = !row.IsDBNull(5),
                Id = InviteId.Parse(row.GetString(6)),
            },
            ("@hash", join.TokenHash));

        MeshError? refusal = invite switch
        {
            null => MeshError.InviteNotFound,
            _ when invite.Mesh != join.Mesh => MeshError.InviteMeshMismatch,
            _ when invite.Role != join.Role => MeshError.InviteBadSignature,
            { Revoked: true } => MeshError.InviteRevoked,
            _ when invite.ExpiresAt <= scope.Now => MeshError.InviteExpired,
            { UsesLeft: <= 0 } => MeshError.InviteExhausted,
            _ => null,
        };
        if (refusal is not null)
            return refusal;

        if (join.Waits)
        {
            WaitingMember newcomer = new(
                join.Id, join.Key, DisplayName.Parse(join.DisplayName), invite!.Id, join.Role, join.Kind, scope.Now.ToTime());
            (WaitingMember? added, MeshError? full) = WaitingStore.Add(scope, join.Mesh, newcomer);
            if (added is not null)
                TakeUse(scope, join);
            return new JoinOutcome(null, added, full);
        }

        TakeUse(scope, join);
        AuditStore.Append(scope, join.Mesh, new AuditEvent(AuditTypes.MemberJoined, AuditActor.Joiner(join.Id), new JsonObject
        {
            ["member"] = join.Id.Value,
            ["pubkey"] = join.Key.ToString(),
            ["invite"] = invite!.Id.Value,
            ["role"] = RoleWord(join.Role),
        }));
        return MemberStore.Add(scope, new NewMember(join.Mesh, join.Id, join.Key, join.DisplayName, join.Role, join.Kind));
    }

    private static string RoleWord(MemberRole role) => role.ToString().ToLowerInvariant();

    private static void TakeUse(WriteScope scope, JoinRequest join) =>
        scope.Sql.Execute("UPDATE invite SET uses = uses + 1 WHERE token_hash = @hash", ("@hash", join.TokenHash));
}
