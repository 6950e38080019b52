using System.Runtime.InteropServices;
using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>A member's key as first seen, and what it has proven since.</summary>
/// <param name="VerifiedAt">When this person said that he has compared its safety number, in ms since 1970.</param>
/// <param name="FormerKey">What it had before, by its own signature; null where the key never changed.</param>
/// <param name="ChangedAt">When that was signed, in ms since 1970.</param>
internal sealed record Contact(
    PublicKey Key, string? MemberId, string Name, string Kind, long? VerifiedAt = null, PublicKey? FormerKey = null, long? ChangedAt = null);

/// <summary>
/// The pins: names, and what was verified. In a workspace with a log they are moved by its records only. In one without, the first key seen for a member
/// stays: another key under the same member id is not used, and a member who has once used signed messages is never again written to as a 1.x one.
/// </summary>
internal sealed class ContactStore(DaemonDatabase database, TimeProvider clock)
{
    private const int SliceMax = 400;

    public List<Contact> List(long workspaceNo) => database.Read(sql => sql.Query(
        "SELECT member_key, member_id, name, kind, verified_at, former_key, key_changed_at FROM contact WHERE workspace_no = $1",
        row => new Contact(
            new PublicKey((byte[])row[0]),
            row.IsDBNull(1) ? null : row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            row.IsDBNull(4) ? null : row.GetInt64(4),
            row.IsDBNull(5) ? null : new PublicKey((byte[])row[5]),
            row.IsDBNull(6) ? null : row.GetInt64(6)),
        workspaceNo));

    /// <summary>Pins what is new in a listing and returns the members that may be used, with the kinds they are held to.</summary>
    public async Task<PinnedListing> PinAsync(long workspaceNo, IReadOnlyList<RosterMember> listed, CancellationToken cancellationToken)
    {
        PinnedListing pinned = Pinning.Merge(List(workspaceNo), listed);
        if (pinned.Changed.Count > 0)
            await WriteAsync(workspaceNo, pinned.Changed, cancellationToken);
        foreach (PublicKey key in pinned.Doubted)
            await MarkVerifiedAsync(workspaceNo, key, verified: false, cancellationToken);
        return pinned;
    }

    /// <summary>Writes down that this person has compared the key's safety number, or that it does not count any more.</summary>
    /// <returns>Since when it counts; null: it does not.</returns>
    public async Task<long?> MarkVerifiedAsync(long workspaceNo, PublicKey key, bool verified, CancellationToken cancellationToken)
    {
        long? at = verified ? clock.GetUtcNow().ToUnixTimeMilliseconds() : null;
        await SetVerifiedAsync(workspaceNo, key, at, cancellationToken);
        return at;
    }

    /// <param name="at">Null: it does not count any more.</param>
    public Task SetVerifiedAsync(long workspaceNo, PublicKey key, long? at, CancellationToken cancellationToken)
    {
        byte[] bytes = key.Span.ToArray();
        return database.WriteAsync(
            sql => sql.Execute("UPDATE contact SET verified_at = $3 WHERE workspace_no = $1 AND member_key = $2", workspaceNo, bytes, at), cancellationToken);
    }

    /// <summary>The member goes on under another key, by its own signature.</summary>
    /// <param name="at">When the record was signed, in ms since 1970.</param>
    public Task MoveAsync(long workspaceNo, PublicKey from, PublicKey to, string kind, long at, CancellationToken cancellationToken)
    {
        (byte[] old, byte[] renewed) = (from.Span.ToArray(), to.Span.ToArray());
        return database.WriteAsync(
            sql =>
            {
                sql.Execute("DELETE FROM contact WHERE workspace_no = $1 AND member_key = $2", workspaceNo, renewed);
                sql.Execute(
                    """
                    UPDATE contact SET member_key = $3, kind = $4, verified_at = NULL, former_key = $2, key_changed_at = $5
                    WHERE workspace_no = $1 AND member_key = $2
                    """,
                    workspaceNo,
                    old,
                    renewed,
                    kind,
                    at);
            },
            cancellationToken);
    }

    /// <summary>Pins the sender of a signed message that no listing has shown yet. A pin that is there is only raised.</summary>
    public Task PinSenderAsync(long workspaceNo, Contact sender, CancellationToken cancellationToken) => WriteAsync(workspaceNo, [sender], cancellationToken);

    /// <summary>Pins members as the log has them: whatever else was pinned under a member's id is nobody's.</summary>
    public Task PinLoggedAsync(long workspaceNo, IReadOnlyList<Contact> members, CancellationToken cancellationToken) =>
        WriteAsync(workspaceNo, members, cancellationToken, isLogged: true);

    private async Task WriteAsync(long workspaceNo, IReadOnlyList<Contact> contacts, CancellationToken cancellationToken, bool isLogged = false)
    {
        foreach (Contact[] slice in contacts.Chunk(SliceMax))
            await WriteSliceAsync(workspaceNo, slice, isLogged, cancellationToken);
    }

    private Task WriteSliceAsync(long workspaceNo, Contact[] contacts, bool isLogged, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                foreach (Contact contact in contacts)
                {
                    if (isLogged)
                    {
                        sql.Execute(
                            "UPDATE contact SET member_id = NULL WHERE workspace_no = $1 AND member_id = $2 AND member_key <> $3",
                            workspaceNo,
                            contact.MemberId,
                            contact.Key.Span.ToArray());
                    }

                    sql.Execute(
                        """
                        INSERT INTO contact (workspace_no, member_key, member_id, name, kind, first_seen_at) VALUES ($1, $2, $3, $4, $5, $6)
                        ON CONFLICT (workspace_no, member_key) DO UPDATE SET
                          name = excluded.name,
                          member_id = CASE WHEN $7 = 1 THEN excluded.member_id ELSE COALESCE(contact.member_id, excluded.member_id) END,
                          kind = CASE WHEN $7 = 1 OR contact.kind = 'legacy' THEN excluded.kind ELSE contact.kind END
                        """,
                        workspaceNo,
                        contact.Key.Span.ToArray(),
                        contact.MemberId,
                        contact.Name,
                        contact.Kind,
                        now,
                        isLogged ? 1L : 0L);
                }
            },
            cancellationToken);
    }
}

/// <param name="Members">Who may be used.</param>
/// <param name="Changed">Pins to write.</param>
/// <param name="Downgraded">Members whom the broker calls legacy and who are not.</param>
/// <param name="Replaced">Members for whom the broker shows another key than the pinned one.</param>
/// <param name="Doubted">The pinned keys of those, as far as they were marked as verified: they are not any more.</param>
internal sealed record PinnedListing(
    IReadOnlyList<RosterMember> Members,
    IReadOnlyList<Contact> Changed,
    IReadOnlyList<RosterMember> Downgraded,
    IReadOnlyList<RosterMember> Replaced,
    IReadOnlyList<PublicKey> Doubted);

internal static class Pinning
{
    public static PinnedListing Merge(IReadOnlyList<Contact> pins, IReadOnlyList<RosterMember> listed)
    {
        Dictionary<PublicKey, Contact> byKey = pins.ToDictionary(pin => pin.Key);
        Dictionary<string, PublicKey> byMember = pins.Where(pin => pin.MemberId is not null).ToDictionary(pin => pin.MemberId!, pin => pin.Key, StringComparer.Ordinal);
        var members = new List<RosterMember>(listed.Count);
        var changed = new List<Contact>();
        var downgraded = new List<RosterMember>();
        var replaced = new List<RosterMember>();
        var doubted = new List<PublicKey>();

        foreach (RosterMember member in listed)
        {
            ref PublicKey pinnedKey = ref CollectionsMarshal.GetValueRefOrAddDefault(byMember, member.MemberId, out bool known);
            if (known && pinnedKey != member.Key)
            {
                replaced.Add(member);
                if (byKey[pinnedKey].VerifiedAt is not null)
                    doubted.Add(pinnedKey);
                continue;
            }

            pinnedKey = member.Key;
            Contact? pin = byKey.GetValueOrDefault(member.Key);
            string kind = pin is { Kind: not MemberKinds.Legacy } ? pin.Kind : member.Kind;
            if (member.Kind is MemberKinds.Legacy && kind is not MemberKinds.Legacy)
                downgraded.Add(member);

            var now = new Contact(member.Key, pin?.MemberId ?? member.MemberId, member.Name, kind, pin?.VerifiedAt, pin?.FormerKey, pin?.ChangedAt);
            if (now != pin)
            {
                byKey[member.Key] = now;
                changed.Add(now);
            }

            members.Add(member with { Kind = kind });
        }

        return new PinnedListing(members, changed, downgraded, replaced, doubted);
    }
}
