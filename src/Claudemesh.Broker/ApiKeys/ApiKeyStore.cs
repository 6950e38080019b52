using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

/// <param name="Topics">Null: not limited.</param>
/// <param name="MadeBy">The key that makes this one, which ends with it; null: its issuer himself does.</param>
internal sealed record NewApiKey(
    string Id, MeshNo Mesh, MemberNo Issuer, string Label, KeyCapabilities Capabilities, IReadOnlyCollection<TopicNo>? Topics, DateTimeOffset? ExpiresAt,
    ApiKey? MadeBy = null);

/// <summary>Which keys of a workspace are meant.</summary>
/// <param name="Member">Null: those of everybody.</param>
/// <param name="IdBegins">Null: all of them.</param>
internal sealed record KeyFilter(MeshNo Mesh, MemberNo? Member = null, string? IdBegins = null);

/// <summary>API keys, by the hash of their secret. What was revoked stays for a while, so that it is listed as that.</summary>
internal sealed class ApiKeyStore(Database database)
{
    /// <summary>Keys of one member that are not over; and of those that are, the newest are kept.</summary>
    public const int PerMemberMax = 100;

    private const int UsesPerStatement = 50;

    /// <summary>A row whose number is 0 is nobody's: it fills up what is not needed.</summary>
    private static readonly string NoteUses =
        $"UPDATE api_key SET last_used_at = u.column2 FROM (VALUES {string.Join(", ", Enumerable.Range(0, UsesPerStatement).Select(static i => $"(@k{i}, @t{i})"))}) AS u WHERE no = u.column1";

    private static readonly (string Key, string Time)[] UseNames = [.. Enumerable.Range(0, UsesPerStatement).Select(static i => ($"@k{i}", $"@t{i}"))];

    private const string IsLive = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)";

    private const string Columns =
        """
        SELECT k.no, k.id, h.id, k.member_no, k.label, k.prefix, k.capabilities, k.scoped, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
        FROM api_key k JOIN mesh h ON h.no = k.mesh_no
        """;

    /// <summary>A key, those that it made, those that these made, and so on.</summary>
    private const string Line =
        "WITH RECURSIVE line (no) AS (SELECT CAST(@no AS BIGINT) UNION SELECT k.no FROM api_key k JOIN line l ON k.made_by = l.no) SELECT no FROM line";

    public Task<(ApiKey? Made, MeshError? Refusal)> CreateAsync(NewApiKey key, ApiKeySecret secret, CancellationToken cancellationToken, AuditActor? by = null) =>
        database.WriteAsync<(ApiKey?, MeshError?)>(scope =>
        {
            // Whoever is let in by a key that is revoked meanwhile must not leave another one behind.
            if (key.MadeBy is { } maker && !IsStill(scope.Sql, maker, scope.Now))
                return (null, MeshError.ApiKeyInvalid);

            long count = scope.Sql.FindNumber(
                $"SELECT count(*) FROM api_key WHERE mesh_no = @mesh AND member_no = @member AND {IsLive}",
                ("@mesh", key.Mesh.Value), ("@member", key.Issuer.Value), ("@now", scope.Now.Micros))!.Value;
            if (count >= PerMemberMax)
                return (null, MeshError.TooManyApiKeys);

            DropOldest(scope, key.Mesh, key.Issuer);
            byte[] hash = secret.Hash();
            long no = scope.Sql.FindNumber(
                """
                INSERT INTO api_key (id, mesh_no, member_no, label, prefix, hash, capabilities, scoped, created_at, expires_at, made_by)
                VALUES (@id, @mesh, @member, @label, @prefix, @hash, @capabilities, @scoped, @now, @expires, @maker) RETURNING no
                """,
                ("@id", key.Id), ("@mesh", key.Mesh.Value), ("@member", key.Issuer.Value), ("@label", key.Label), ("@prefix", secret.Prefix),
                ("@hash", hash), ("@capabilities", (long)key.Capabilities), ("@scoped", key.Topics is null ? 0L : 1L), ("@now", scope.Now.Micros),
                ("@expires", key.ExpiresAt?.ToInstant().Micros), ("@maker", key.MadeBy?.No))!.Value;
            foreach (TopicNo topic in key.Topics ?? [])
                scope.Sql.Execute("INSERT INTO api_key_topic (key_no, topic_no) VALUES (@key, @topic)", ("@key", no), ("@topic", topic.Value));

            AuditStore.Append(scope, key.Mesh, Minted(key, secret.Prefix, by ?? AuditActor.Broker));
            return (Find(scope.Sql, hash), null);
        },
        cancellationToken);

    public ValueTask<ApiKey?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, hash), cancellationToken);

    /// <summary>Whether it is what it was when it was found: not over, and under the same secret.</summary>
    public async ValueTask<bool> IsLiveAsync(ApiKey key, CancellationToken cancellationToken)
    {
        Instant now = database.Clock.GetInstant();
        return await database.ReadAsync((Sql sql) => IsStill(sql, key, now), cancellationToken);
    }

    /// <summary>Newest first.</summary>
    public ValueTask<List<ApiKey>> ListAsync(KeyFilter filter, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => List(sql, filter, limit), cancellationToken);

    /// <summary>Ends a key, and with it those that it made.</summary>
    /// <returns>The numbers of those that ended by it; none when it was revoked before.</returns>
    public Task<List<long>> RevokeAsync(ApiKey key, MeshNo mesh, CancellationToken cancellationToken, AuditActor? by = null) => database.WriteAsync(
        scope =>
        {
            List<long> ended = scope.Sql.List(
                $"UPDATE api_key SET revoked_at = @now WHERE revoked_at IS NULL AND no IN ({Line}) RETURNING no",
                static row => row.GetInt64(0), ("@now", scope.Now.Micros), ("@no", key.No));
            if (ended.Count > 0)
                Tell(scope, mesh, AuditTypes.ApiKeyRevoked, key, by);
            return ended;
        },
        cancellationToken);

    /// <summary>Part of another write: a key ends with its issuer, and one who comes back has none of them again.</summary>
    public static void RevokeAll(WriteScope scope, MemberNo issuer) => scope.Sql.Execute(
        """
        UPDATE api_key SET revoked_at = @now
        WHERE mesh_no = (SELECT mesh_no FROM member WHERE no = @member) AND member_no = @member AND revoked_at IS NULL
        """,
        ("@now", scope.Now.Micros), ("@member", issuer.Value));

    /// <summary>The same key under another secret; the old one finds nothing from here on, and the keys that were made by it end.</summary>
    /// <returns>The numbers of those that ended; null when the key is over.</returns>
    public Task<List<long>?> RotateAsync(ApiKey key, MeshNo mesh, ApiKeySecret secret, CancellationToken cancellationToken, AuditActor? by = null) => database.WriteAsync(
        scope =>
        {
            bool rotated = scope.Sql.Execute(
                $"UPDATE api_key SET hash = @hash, prefix = @prefix WHERE no = @no AND {IsLive}",
                ("@hash", secret.Hash()), ("@prefix", secret.Prefix), ("@no", key.No), ("@now", scope.Now.Micros)) > 0;
            if (!rotated)
                return null;

            Tell(scope, mesh, AuditTypes.ApiKeyRotated, key with { Prefix = secret.Prefix }, by);
            return scope.Sql.List(
                $"UPDATE api_key SET revoked_at = @now WHERE revoked_at IS NULL AND no <> @no AND no IN ({Line}) RETURNING no",
                static row => row.GetInt64(0), ("@now", scope.Now.Micros), ("@no", key.No));
        },
        cancellationToken);

    /// <param name="uses">Numbers of keys and when each was last used, at most a thousand.</param>
    public Task NoteUsesAsync(IReadOnlyList<KeyValuePair<long, Instant>> uses, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            foreach (KeyValuePair<long, Instant>[] some in uses.Chunk(UsesPerStatement))
            {
                (string, object?)[] parameters = new (string, object?)[2 * UsesPerStatement];
                for (int i = 0; i < UsesPerStatement; i++)
                {
                    (long key, Instant at) = i < some.Length ? some[i] : default;
                    (parameters[2 * i], parameters[2 * i + 1]) = ((UseNames[i].Key, key), (UseNames[i].Time, at.Micros));
                }

                scope.Sql.Execute(NoteUses, parameters);
            }

            return true;
        },
        cancellationToken);

    private static AuditEvent Minted(NewApiKey key, string prefix, AuditActor by) => new(AuditTypes.ApiKeyMinted, by, new JsonObject
    {
        ["key"] = key.Id,
        ["prefix"] = prefix,
        ["label"] = key.Label,
        ["capabilities"] = (int)key.Capabilities,
        ["topics"] = key.Topics?.Count,
        ["expiresAt"] = key.ExpiresAt?.ToUnixTimeMilliseconds(),
    });

    private static void Tell(WriteScope scope, MeshNo mesh, string type, ApiKey key, AuditActor? by) => AuditStore.Append(
        scope, mesh, new AuditEvent(type, by ?? AuditActor.Broker, new JsonObject { ["key"] = key.Id, ["prefix"] = key.Prefix, ["label"] = key.Label }));

    /// <summary>So that who makes and ends keys without an end does not fill the database with them.</summary>
    private static void DropOldest(WriteScope scope, MeshNo mesh, MemberNo member)
    {
        List<long> old = scope.Sql.List(
            $"SELECT no FROM api_key WHERE mesh_no = @mesh AND member_no = @member AND NOT ({IsLive}) ORDER BY no DESC LIMIT 10 OFFSET @kept",
            static row => row.GetInt64(0),
            ("@mesh", mesh.Value), ("@member", member.Value), ("@now", scope.Now.Micros), ("@kept", (long)PerMemberMax));
        foreach (long no in old)
        {
            scope.Sql.Execute("DELETE FROM api_key_topic WHERE key_no = @key", ("@key", no));
            scope.Sql.Execute("DELETE FROM api_key WHERE no = @key", ("@key", no));
        }
    }

    private static bool IsStill(Sql sql, ApiKey key, Instant now) => sql.FindNumber(
        $"SELECT no FROM api_key WHERE no = @no AND prefix = @prefix AND {IsLive}", ("@no", key.No), ("@prefix", key.Prefix), ("@now", now.Micros)) is not null;

    private static List<ApiKey> List(Sql sql, KeyFilter filter, int limit)
    {
        List<Row> rows = sql.List(
            $"""
            {Columns} WHERE k.mesh_no = @mesh AND (@member = 0 OR k.member_no = @member) AND substr(k.id, 1, length(@begins)) = @begins
            ORDER BY k.no DESC LIMIT @limit
            """,
            Read,
            ("@mesh", filter.Mesh.Value), ("@member", filter.Member?.Value ?? 0), ("@begins", filter.IdBegins ?? ""), ("@limit", (long)limit));
        if (!rows.Exists(static row => row.Scoped))
            return [.. rows.Select(static row => row.Key)];

        ILookup<long, TopicNo> topics = sql.List(
            """
            SELECT t.key_no, t.topic_no FROM api_key_topic t JOIN api_key k ON k.no = t.key_no
            WHERE k.mesh_no = @mesh AND (@member = 0 OR k.member_no = @member) AND k.no >= @first
            """,
            static row => (Key: row.GetInt64(0), Topic: new TopicNo(row.GetInt64(1))),
            ("@mesh", filter.Mesh.Value), ("@member", filter.Member?.Value ?? 0), ("@first", rows[^1].Key.No)).ToLookup(static row => row.Key, static row => row.Topic);
        return [.. rows.Select(row => row.Scoped ? row.Key with { Topics = topics[row.Key.No].ToFrozenSet() } : row.Key)];
    }

    private static ApiKey? Find(Sql sql, byte[] hash)
    {
        Row? row = sql.Find($"{Columns} WHERE k.hash = @hash", Read, ("@hash", hash));
        return row is null ? null : row.Scoped ? row.Key with { Topics = ListTopics(sql, row.Key.No) } : row.Key;
    }

    private static FrozenSet<TopicNo> ListTopics(Sql sql, long key) => sql.List(
        "SELECT topic_no FROM api_key_topic WHERE key_no = @key", static row => new TopicNo(row.GetInt64(0)), ("@key", key)).ToFrozenSet();

    private static Row Read(SqlRow row) => new(
        new ApiKey(
            row.GetInt64(0),
            row.GetString(1),
            MeshId.Parse(row.GetString(2)),
            new MemberNo(row.GetInt64(3)),
            row.GetString(4),
            row.GetString(5),
            (KeyCapabilities)row.GetInt64(6),
            Topics: null,
            new Instant(row.GetInt64(8)).ToTime(),
            TimeOrNull(row.Int64OrNull(9)),
            TimeOrNull(row.Int64OrNull(10)),
            TimeOrNull(row.Int64OrNull(11))),
        row.GetInt64(7) != 0);

    private static DateTimeOffset? TimeOrNull(long? micros) => micros is { } at ? new Instant(at).ToTime() : null;

    private sealed record Row(ApiKey Key, bool Scoped);
}
