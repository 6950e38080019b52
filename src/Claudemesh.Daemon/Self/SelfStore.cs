using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Self;

/// <summary>Keeps what was said over restarts, per workspace; of the member under the empty string, of a session under its id.</summary>
internal sealed class SelfStore(DaemonDatabase database, TimeProvider clock)
{
    /// <summary>How long what was said of a session is kept after the last change. What was said of the member is kept for good.</summary>
    public static readonly TimeSpan SessionRetention = TimeSpan.FromDays(90);

    public List<(string Session, SelfFacts Facts)> List(long workspaceNo) => database.Read(sql => sql.Query(
        "SELECT session_id, name, status, summary, visible, title, bio, avatar, capabilities, groups FROM self WHERE workspace_no = $1", Read, workspaceNo));

    public Task SaveAsync(long workspaceNo, string session, SelfFacts facts, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                sql.Execute(
                    """
                    INSERT OR REPLACE INTO self (workspace_no, session_id, name, status, summary, visible, title, bio, avatar, capabilities, groups, changed_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                    """,
                    workspaceNo,
                    session,
                    facts.Name?.Value,
                    facts.Status?.ToString().ToLowerInvariant(),
                    facts.Summary,
                    facts.Visible is { } visible ? visible ? 1L : 0L : null,
                    facts.Profile?.Title,
                    facts.Profile?.Bio,
                    facts.Profile?.Avatar,
                    facts.Profile?.Capabilities is { } words ? JsonSerializer.Serialize(words, SelfColumns.Default.StringArray) : null,
                    facts.Groups is { } groups ? JsonSerializer.Serialize([.. groups], SelfColumns.Default.GroupTagArray) : null,
                    now);
            },
            cancellationToken);
    }

    public Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        long before = clock.GetUtcNow().Subtract(SessionRetention).ToUnixTimeMilliseconds();
        return database.WriteAsync(sql => sql.Execute("DELETE FROM self WHERE session_id <> '' AND changed_at < $1", before), cancellationToken);
    }

    private static (string Session, SelfFacts Facts) Read(SqliteDataReader row)
    {
        var profile = new PeerProfile(
            Text(row, 7), Text(row, 5), Text(row, 6), Text(row, 8) is { } words ? JsonSerializer.Deserialize(words, SelfColumns.Default.StringArray) : null);
        var facts = new SelfFacts(
            Text(row, 1) is { } name ? DisplayName.Parse(name) : null,
            Text(row, 2) is { } status ? Enum.Parse<PresenceStatus>(status, ignoreCase: true) : null,
            Text(row, 3),
            row.IsDBNull(4) ? null : row.GetInt64(4) != 0,
            profile == new PeerProfile() ? null : profile,
            Text(row, 9) is { } groups ? JsonSerializer.Deserialize(groups, SelfColumns.Default.GroupTagArray) : null);
        return (row.GetString(0), facts);
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>The columns that hold lists.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GroupTag[]))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class SelfColumns : JsonSerializerContext;
