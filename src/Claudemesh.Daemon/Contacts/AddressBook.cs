using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>What an address means in one workspace: recipients, or why there are none. Pure; the roster is given.</summary>
internal readonly record struct Addressed(IReadOnlyList<Recipient> Recipients, LocalProblem? Problem)
{
    public static implicit operator Addressed(LocalProblem problem) => new([], problem);
}

/// <summary>
/// Turns what a person types into keys: <c>*</c>, <c>@group</c>, <c>tag:…</c>, a key, a unique prefix of one, or a name in any case. A name that could
/// mean two is refused with both, never guessed.
/// </summary>
/// <param name="follow">The key that a member's has become by the log; null where the log does not have it, and where there is none.</param>
internal sealed class AddressBook(string workspace, PublicKey self, Roster roster, Func<PublicKey, PublicKey?>? follow = null)
{
    public const int PrefixLengthMin = 4;

    public Addressed Resolve(string to, bool toSelf)
    {
        if (toSelf && to is SendMessage.Yourself)
            return Myself();
        if (to is "*" or "@all")
            return Everyone();
        if (to.StartsWith('@'))
            return Sharing(to, member => member.Groups.Any(group => IsWithin(group, to.AsSpan(1))), peer => peer.Groups.Any(group => IsWithin(group.Name, to.AsSpan(1))));
        if (to.StartsWith("tag:", StringComparison.Ordinal))
            return Sharing(to, member => member.Tags.Contains(to[4..], StringComparer.Ordinal), peer => peer.Tags.Contains(to[4..], StringComparer.Ordinal));

        // An answer to what somebody wrote before he changed his key.
        if (PublicKey.TryParse(to, out PublicKey earlier) && follow?.Invoke(earlier) is { } now && now != earlier)
            to = now.ToString();

        List<Found> found = Find(to);
        if (found.Count == 0)
        {
            if (roster.Replaced.FirstOrDefault(member => string.Equals(member.Name, to, StringComparison.OrdinalIgnoreCase)) is { } replaced)
                return Replaced(replaced);
            return PublicKey.TryParse(to, out PublicKey unknown) ? One(new Recipient(to[..8], unknown, null, Box: true, Online: false)) : Unknown(to);
        }

        if (found.Count > 1)
        {
            return LocalProblem.Of(LocalErrors.AmbiguousName, $"{to} could mean {found.Count} in {workspace}; use the key of one.", 409, ExitCode.BadArguments)
                with { Candidates = [.. found.Select(one => new Candidate(workspace, one.Name, one.Key.ToString(), one.Kind))] };
        }

        return found[0].Key == self && !toSelf
            ? LocalProblem.Of(LocalErrors.RecipientIsSelf, $"{to} is yourself; `claudemesh send --self TEXT` writes to your own devices and sessions.", 400, ExitCode.BadArguments)
            : Reach(found[0]);
    }

    /// <summary>The same rule as the broker's: a message to <c>a/b</c> reaches who is in <c>a/b</c> and in anything below it.</summary>
    private static bool IsWithin(string group, ReadOnlySpan<char> target) =>
        group.AsSpan().StartsWith(target, StringComparison.Ordinal) && (group.Length == target.Length || group[target.Length] == '/');

    private LocalProblem Replaced(RosterMember member) => LocalProblem.Of(
        LocalErrors.UnsafeRecipient,
        $"The broker shows another key for {member.Name} in {workspace} than the one that is known here, so nothing is sent. Ask {member.Name} over another channel whether the key is new.",
        409,
        ExitCode.Denied);

    private LocalProblem Unknown(string to)
    {
        // He may have joined since the broker was asked last.
        if (roster.IsStale)
        {
            return roster.Unanswered($"Nobody known here is called or has a key that begins with {to}, and who else is in {workspace} cannot be asked now.");
        }

        string? meant = NearestMatch.Find(to, roster.Members.Select(member => member.Name).Concat(roster.Peers.Select(peer => peer.Name)));
        return LocalProblem.Of(
            LocalErrors.RecipientNotFound, $"Nobody in {workspace} is called or has a key that begins with {to}.{NearestMatch.DidYouMean(meant)}", 404, ExitCode.NotFound);
    }

    private static Addressed One(Recipient recipient) => new([recipient], null);

    private List<Found> Find(string to)
    {
        bool isKey = to.Length is >= PrefixLengthMin and <= PublicKey.HexLength && to.All(char.IsAsciiHexDigit);
        string prefix = isKey ? to.ToLowerInvariant() : "";
        bool Matches(string name, PublicKey key) =>
            string.Equals(name, to, StringComparison.OrdinalIgnoreCase) || (isKey && key.ToString().StartsWith(prefix, StringComparison.Ordinal));

        List<Found> members = [.. roster.Members.Where(member => Matches(member.Name, member.Key)).Select(member => new Found(member.Name, member.Key, member.Key, member.Kind, member.Online))];

        // A session that bears its member's name is reached through the member.
        IEnumerable<Found> sessions = roster.Peers
            .Where(peer => peer.IsSession && Matches(peer.Name, peer.Key) && !members.Exists(member => member.Key == peer.MemberKey && !peer.Key.ToString().Equals(prefix, StringComparison.Ordinal)))
            .Select(peer => new Found(peer.Name, peer.Key, peer.MemberKey, peer.ReadsVersion3 ? "session" : MemberKinds.Legacy, true))
            .DistinctBy(peer => peer.Key);
        members.AddRange(sessions);
        return members;
    }

    private Addressed Reach(Found found)
    {
        RosterMember? member = roster.Members.FirstOrDefault(one => one.Key == found.MemberKey);
        bool isSession = found.Key != found.MemberKey;
        if (member is null)
        {
            return LocalProblem.Of(
                LocalErrors.UnsafeRecipient, $"The broker lists {found.Name} in {workspace} without a member that is known here.", 409, ExitCode.Denied);
        }

        if (member is { Unverified: true, Kind: not MemberKinds.Legacy })
        {
            return LocalProblem.Of(
                LocalErrors.UnsafeRecipient,
                $"The broker lists {found.Name} in {workspace}, and its signed log does not, so nothing is sent there. An admin lets a newcomer in with `claudemesh member admit`.",
                409,
                ExitCode.Denied);
        }

        if (member.Kind is MemberKinds.Legacy)
            return One(new Recipient(found.Name, found.Key, null, Box: true, found.Online));

        // A broker that says "he reads 1.x only now" of a member who has proven otherwise is not believed.
        return isSession && found.Kind is MemberKinds.Legacy
            ? LocalProblem.Of(
                LocalErrors.UnsafeRecipient,
                $"{found.Name} is listed as a 1.x session of {member.Name}, who uses end-to-end signed messages; send to {member.Name} instead.",
                409,
                ExitCode.Denied)
            : One(new Recipient(found.Name, member.Key, isSession ? found.Key : null, Box: false, found.Online));
    }

    private Addressed Everyone() =>
        Those("*", [.. roster.Members.Where(member => member.Key != self && !member.Unverified).Select(ToMember)]);

    /// <summary>One message: each device reads the member's mailbox, and puts it before the sessions that run there.</summary>
    private Addressed Myself() =>
        One(new Recipient(roster.Members.FirstOrDefault(member => member.Key == self)?.Name ?? SendMessage.Yourself, self, null, Box: false, Online: true));

    private Addressed Sharing(string to, Func<RosterMember, bool> memberShares, Func<RosterPeer, bool> peerShares)
    {
        if (!roster.Complete)
        {
            return roster.Unanswered($"Who is in {to} is known to the broker only.");
        }

        var recipients = new List<Recipient>();
        foreach (RosterMember member in roster.Members.Where(member => member.Key != self && !member.Unverified))
        {
            ILookup<bool, RosterPeer> peers = roster.Peers.Where(peer => peer.MemberKey == member.Key).ToLookup(peer => peer.IsSession);
            RosterPeer[] sessions = [.. peers[true].Where(peerShares).DistinctBy(peer => peer.Key)];

            // In the broker's list of members they share what their sessions share; what a session alone shares is not for the others.
            bool isSessionsAlone = sessions.Length > 0 && peers[false].Any() && !peers[false].Any(peerShares);
            if (memberShares(member) && !isSessionsAlone)
                recipients.Add(ToMember(member));
            else
                recipients.AddRange(sessions.SelectMany(peer => ToSession(peer, member).Recipients));
        }

        return Those(to, recipients);
    }

    private Addressed ToSession(RosterPeer peer, RosterMember member) =>
        Reach(new Found(peer.Name, peer.Key, member.Key, peer.ReadsVersion3 ? "session" : MemberKinds.Legacy, true));

    private Addressed Those(string to, List<Recipient> recipients) => recipients.Count > 0
        ? new Addressed(recipients, null)
        : LocalProblem.Of(LocalErrors.NoRecipients, $"Nobody but you is in {to} of {workspace}.{NearestMatch.DidYouMean(FindNearShared(to))}", 404, ExitCode.NotFound);

    /// <summary>The group or tag that was probably meant; null when this one exists or none is near.</summary>
    private string? FindNearShared(string to)
    {
        string[] known =
        [
            .. roster.Members.SelectMany(member => member.Groups).Select(group => "@" + group),
            .. roster.Members.SelectMany(member => member.Tags).Select(tag => "tag:" + tag),
        ];
        return known.Contains(to, StringComparer.Ordinal) ? null : NearestMatch.Find(to, known);
    }

    private static Recipient ToMember(RosterMember member) =>
        new(member.Name, member.Key, null, member.Kind is MemberKinds.Legacy, member.Online);

    private sealed record Found(string Name, PublicKey Key, PublicKey MemberKey, string Kind, bool Online);
}
