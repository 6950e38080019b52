using System.Collections.Immutable;
using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>What a member's own peer looked like when it was last here.</summary>
internal sealed record PeerState(
    string? Summary, bool Visible, PeerProfile? Profile, ImmutableArray<GroupTag> Groups, PeerStats? Stats, DateTimeOffset LastSeenAt);

/// <summary>Remembers a member's own peer over its absence; 1.x shows it again in the hello's answer.</summary>
internal sealed class PeerStateStore(Database database)
{
    public ValueTask<PeerState?> FindAsync(MemberNo member, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            "SELECT summary, visible, profile, groups, stats, last_seen_at FROM peer_state WHERE member_no = @member",
            row => new PeerState(
                row.TextOrNull(0),
                row.GetInt64(1) != 0,
                row.TextOrNull(2) is { } profile ? JsonSerializer.Deserialize(profile, ColumnJson.Default.PeerProfile) : null,
                GroupsJson.Read(row.GetString(3)),
                row.TextOrNull(4) is { } stats ? JsonSerializer.Deserialize(stats, ColumnJson.Default.PeerStats) : null,
                new Instant(row.GetInt64(5)).ToTime()),
            ("@member", member.Value)),
        cancellationToken);

    public Task SaveAsync(MemberNo member, PeerDetails details, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute(
            """
            INSERT INTO peer_state (member_no, summary, visible, profile, groups, stats, last_seen_at)
            VALUES (@member, @summary, @visible, @profile, @groups, @stats, @now)
            ON CONFLICT (member_no) DO UPDATE SET summary = @summary, visible = @visible, profile = @profile, groups = @groups,
              stats = @stats, last_seen_at = @now
            """,
            ("@member", member.Value),
            ("@summary", details.Summary),
            ("@visible", details.Visible ? 1L : 0L),
            ("@profile", details.Profile is { } profile ? JsonSerializer.Serialize(profile, ColumnJson.Default.PeerProfile) : null),
            ("@groups", GroupsJson.Write(details.Groups)),
            ("@stats", details.Stats is { } stats ? JsonSerializer.Serialize(stats, ColumnJson.Default.PeerStats) : null),
            ("@now", scope.Now.Micros)),
        cancellationToken);
}
