using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>
/// The last known roster of a workspace. Asked for afresh when somebody came or went, when it is old, or when a name was not found; without a broker
/// the last one is used, and before there was one, the pins.
/// </summary>
/// <param name="findLog">The workspace's log as it is known now; empty where there is none.</param>
internal sealed partial class RosterCache(PinBook pins, Func<Membership> findLog, Func<CancellationToken, Task<(MembersList Members, PeersList Peers)?>> ask, TimeProvider clock, ILogger<RosterCache> logger) : IDisposable
{
    // Members join without an event to those who are there, so even an undisturbed roster gets old.
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim asking = new(1, 1);
    private Known? known;
    private long changes;

    /// <summary>Somebody came, went or changed.</summary>
    public void MarkStale() => Interlocked.Increment(ref changes);

    /// <param name="fresh">Asks the broker, if it is there, whatever is known.</param>
    public async Task<Roster> GetAsync(bool fresh, CancellationToken cancellationToken)
    {
        DateTimeOffset askedAt = clock.GetUtcNow();
        if (!fresh && TryUse(out Roster? usable))
            return usable!;

        await asking.WaitAsync(cancellationToken);
        try
        {
            // Who waited behind another's question shares its answer.
            if (known is { } answered && answered.At > askedAt)
                return answered.Roster;
            if (!fresh && TryUse(out usable))
                return usable!;

            long before = Interlocked.Read(ref changes);
            if (await ask(cancellationToken) is not { } lists)
                return known is { } last ? last.Roster with { StaleSince = last.At } : FromPins();

            Roster roster = await ReadAsync(lists.Members, lists.Peers, cancellationToken);
            known = new Known(roster, clock.GetUtcNow(), before);
            return roster;
        }
        finally
        {
            asking.Release();
        }
    }

    public void Dispose() => asking.Dispose();

    public string? FindName(PublicKey key)
    {
        if (pins.Find(key) is { } pin)
            return pin.Name;
        return known?.Roster.Peers.FirstOrDefault(peer => peer.Key == key)?.Name;
    }

    private bool TryUse(out Roster? roster)
    {
        Known? there = known;
        roster = there?.Roster;
        return there is not null && there.Changes == Interlocked.Read(ref changes) && clock.GetUtcNow() - there.At < AgeMax;
    }

    private async Task<Roster> ReadAsync(MembersList members, PeersList peers, CancellationToken cancellationToken)
    {
        List<RosterMember> listed = [.. members.Members.Select(ReadMember)];
        LoggedListing? logged = findLog() is { Head.Seq: > 0 } log ? LoggedListing.Of(log, NameOf, listed) : null;
        if (logged is not null)
            await pins.PinLoggedAsync(logged.Believed.Concat(logged.Unlisted), cancellationToken);

        // Who is not in the log and uses no 1.x client is nobody to remember.
        PinnedListing pinned = await pins.PinAsync(
            logged is null ? listed : [.. logged.Unverified.Where(member => member.Kind is MemberKinds.Legacy)], cancellationToken);
        RosterMember[] replaced = [.. logged?.Replaced ?? [], .. pinned.Replaced];
        foreach (RosterMember member in logged?.Downgraded ?? pinned.Downgraded)
            LogDowngraded(member.MemberId);
        foreach (RosterMember member in replaced)
            LogReplaced(member.MemberId);

        // Whose key the broker shows otherwise is not written to at all: somebody wants to stand in between.
        HashSet<string> doubted = [.. replaced.Select(member => member.MemberId)];
        foreach (Contact pin in pins.All.Where(pin => pin is { VerifiedAt: not null, MemberId: { } id } && logged is not null && doubted.Contains(id)))
            await pins.MarkVerifiedAsync(pin.Key, verified: false, cancellationToken);

        RosterMember[] believed = logged is null
            ? [.. pinned.Members]
            :
            [
                .. logged.Believed.Concat(logged.Unlisted).Where(member => !doubted.Contains(member.MemberId)),
                .. pinned.Members,
                .. logged.Unverified.Where(member => member.Kind is not MemberKinds.Legacy),
            ];
        HashSet<PublicKey> usable = [.. believed.Where(member => !member.Unverified || member.Kind is MemberKinds.Legacy).Select(member => member.Key)];
        return new Roster(believed, [.. peers.Peers.Where(peer => usable.Contains(peer.MemberPubkey)).Select(ReadPeer)], Complete: true)
        {
            Replaced = replaced,
            Waiting = members.Waiting ?? [],
        };
    }

    private string? NameOf(PublicKey key) => pins.Find(key)?.Name;

    private Roster FromPins() => findLog() is { Head.Seq: > 0 } log ? new([.. LoggedListing.OfLog(log, NameOf)], [], Complete: false) : new(
        [.. pins.All.Select(pin => new RosterMember(pin.Key, pin.MemberId ?? "", pin.Name, "member", pin.Kind, Online: false, null, [], []))], [], Complete: false);

    private static RosterMember ReadMember(Protocol.Member member) => new(
        member.Pubkey,
        member.MemberId.Value,
        member.DisplayName.Value,
        member.Role.ToString().ToLowerInvariant(),
        member.Kind.ToString().ToLowerInvariant(),
        member.Online,
        member.JoinedAt,
        [.. member.Groups.Select(group => group.Name)],
        member.Tags)
    {
        Devices = member.Devices,
        LastSeenAt = member.LastSeenAt,
    };

    private static RosterPeer ReadPeer(Protocol.Peer peer) => new(
        peer.Pubkey,
        peer.MemberPubkey,
        peer.DisplayName,
        peer.Protocol is 3,
        peer.SessionId.Length == 0 ? null : peer.SessionId,
        peer.Status.ToString().ToLowerInvariant(),
        peer.Summary,
        peer.Groups,
        peer.Tags ?? [],
        peer.Cwd.Length == 0 ? null : peer.Cwd,
        peer.Hostname,
        peer.Model,
        peer.ConnectedAt,
        peer.Visible ?? true,
        peer.Profile);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker calls member {Member} a 1.x client, who has proven otherwise; not believed")]
    private partial void LogDowngraded(string member);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker shows another key for member {Member} than the one pinned here; not used")]
    private partial void LogReplaced(string member);

    /// <param name="Changes">How many changes it was asked after.</param>
    private sealed record Known(Roster Roster, DateTimeOffset At, long Changes);
}
