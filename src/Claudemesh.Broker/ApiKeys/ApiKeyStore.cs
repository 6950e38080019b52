using System.Collections.Frozen;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

/// <param name="Topics">Null: not limited.</param>
internal sealed record NewApiKey(
    string Id, MeshNo Mesh, MemberNo Issuer, string Label, KeyCapabilities Capabilities, IReadOnlyCollection<TopicNo>? Topics, DateTimeOffset? ExpiresAt);

/// <summary>API keys, by the hash of their secret. A row is never deleted, so that what was revoked is listed as that.</summary>
internal sealed class ApiKeyStore(Database database)
{
    /// <summary>Keys of one member that are not over.</summary>
    public const int PerMemberMax = 100;

    private const string Columns =
        """
        SELECT k.no, k.id, h.id, k.member_no, k.label, k.prefix, k.capabilities, k.scoped, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
        FROM api_key k JOIN mesh h ON h.no = k.mesh_no
        """;

    /// <returns>Null where the member has as many as he may.</returns>
    public Task<ApiKey?> CreateAsync(NewApiKey key, ApiKeySecret secret, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            long count = scope.Sql.FindNumber(
                """
                SELECT count(*) FROM api_key WHERE mesh_no = @mesh AND member_no = @member AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)
                """,
                ("@mesh", key.Mesh.Value), ("@member", key.Issuer.Value), ("@now", scope.Now.Micros))!.Value;
            if (count >= PerMemberMax)
                return null;

            byte[] hash = secret.Hash();
            long no = scope.Sql.FindNumber(
                """
                INSERT INTO api_key (id, mesh_no, member_no, label, prefix, hash, capabilities, scoped, created_at, expires_at)
                VALUES (@id, @mesh, @member, @label, @prefix, @hash, @capabilities, @scoped, @now, @expires) RETURNING no
                """,
                ("@id", key.Id), ("@mesh", key.Mesh.Value), ("@member", key.Issuer.Value), ("@label", key.Label), ("@prefix", secret.Prefix),
                ("@hash", hash), ("@capabilities", (long)key.Capabilities), ("@scoped", key.Topics is null ? 0L : 1L), ("@now", scope.Now.Micros),
                ("@expires", key.ExpiresAt?.ToInstant().Micros))!.Value;
            foreach (TopicNo topic in key.Topics ?? [])
                scope.Sql.Execute("INSERT INTO api_key_topic (key_no, topic_no) VALUES (@key, @topic)", ("@key", no), ("@topic", topic.Value));

            return Find(scope.Sql, hash);
        },
        cancellationToken);

    public ValueTask<ApiKey?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, hash), cancellationToken);

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
