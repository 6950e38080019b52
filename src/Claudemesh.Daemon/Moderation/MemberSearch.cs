using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Moderation;

/// <summary>Somebody of whom a record can be written.</summary>
internal sealed record SoughtMember(string Name, PublicKey Key, string MemberId, MemberKind Kind);

/// <summary>Whom a name means when a record is about to be signed: by the log where he is in it, else as he presents himself.</summary>
internal static class MemberSearch
{
    /// <summary>Members by the log.</summary>
    public static IEnumerable<SoughtMember> Members(LiveWorkspace workspace, Roster roster)
    {
        Dictionary<PublicKey, string> names = roster.Members.DistinctBy(member => member.Key).ToDictionary(member => member.Key, member => member.Name);
        return workspace.Keys.Mesh.State.Members.Select(one =>
            new SoughtMember(names.GetValueOrDefault(one.Key) ?? workspace.NameOf(one.Key), one.Key, one.Value.MemberId, one.Value.Kind));
    }

    /// <summary>Those who wait, those whom the broker lists and the log does not, and those who were removed.</summary>
    public static IEnumerable<SoughtMember> Newcomers(LiveWorkspace workspace, Roster roster)
    {
        Membership log = workspace.Keys.Mesh.State;
        IEnumerable<SoughtMember> waiting = roster.Waiting.Select(one => new SoughtMember(one.DisplayName.Value, one.Pubkey, one.MemberId.Value, one.Kind));
        IEnumerable<SoughtMember> unverified = roster.Members
            .Where(one => one.Unverified)
            .Select(one => new SoughtMember(one.Name, one.Key, one.MemberId, one.Kind is MemberKinds.Legacy ? MemberKind.Legacy : MemberKind.Person));
        Dictionary<PublicKey, MemberKind> kinds = workspace.Keys.Mesh.ListAdmitted();
        IEnumerable<SoughtMember> removed =
            from one in log.Keys
            where !log.Members.ContainsKey(one.Key) && one.Value.Successor is null
            select new SoughtMember(workspace.NameOf(one.Key), one.Key, one.Value.MemberId, kinds.GetValueOrDefault(one.Key, MemberKind.Person));
        return waiting.Concat(unverified).Concat(removed).DistinctBy(one => one.Key);
    }

    /// <summary>The one meant by a name in any case, a key, or a beginning of a key that only one has; two are never guessed between.</summary>
    public static LocalReply<SoughtMember> Find(string peer, string slug, IReadOnlyList<SoughtMember> among)
    {
        string meant = peer.Trim();
        bool isKey = meant.Length >= AddressBook.PrefixLengthMin && meant.All(char.IsAsciiHexDigit);
        SoughtMember[] found =
        [
            .. among.Where(one => string.Equals(one.Name, meant, StringComparison.OrdinalIgnoreCase)
                || (isKey && one.Key.ToString().StartsWith(meant, StringComparison.OrdinalIgnoreCase))),
        ];
        return found.Length switch
        {
            1 => found[0],
            0 => LocalProblem.Of(
                LocalErrors.RecipientNotFound,
                $"Nobody of {slug} whom that can be done to is called or has a key that begins with {meant}.{NearestMatch.DidYouMean(NearestMatch.Find(meant, among.Select(one => one.Name)))}",
                404,
                ExitCode.NotFound),
            _ => LocalProblem.Of(LocalErrors.AmbiguousName, $"{meant} could mean {found.Length} in {slug}; use the key of one.", 409, ExitCode.BadArguments) with
            {
                Candidates = [.. found.Select(one => new Candidate(slug, one.Name, one.Key.ToString(), "member"))],
            },
        };
    }
}
