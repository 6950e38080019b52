using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Notifications;

/// <summary>
/// Finds the members whom a post mentions, among those who may know of its topic: a private one is not told of to who is not in it. A name of
/// two of them means neither, since names are no proof of anybody; where the sender can be asked, his post is refused until he says whom he
/// means, by key. A 1.x sender cannot name a key, and who only writes an <c>@</c> in a text has asked for nothing, so their posts are taken
/// and notify nobody under such a name.
/// </summary>
internal static class Mentions
{
    /// <param name="asks">Whether the sender can be asked whom he means.</param>
    /// <returns>Each once and never the sender; at most one for each of the sixteen names that a post may have.</returns>
    public static (ImmutableArray<MemberNo> Members, MeshError? Refusal) Resolve(Workspace workspace, Topic topic, Send send, MemberNo sender, bool asks)
    {
        bool named = send.Mentions is { Length: > 0 };
        string[] words = named ? send.Mentions! : send.BodyVersion is null or 1 ? MentionTokens.Find(send.Ciphertext) : [];
        if (words.Length == 0)
            return ([], null);

        HashSet<MemberNo> found = [];
        Dictionary<string, List<MemberNo>> bearers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string word in words)
        {
            if (named && FindByKey(workspace, word) is { } member)
                Add(member);
            else
                bearers.TryAdd(word.TrimStart('@'), []);
        }

        foreach (MeshMember member in bearers.Count == 0 ? [] : workspace.Members.All)
        {
            if (named && bearers.Remove(member.Id.Value))
                Add(member);
            if (bearers.TryGetValue(member.DisplayName, out List<MemberNo>? same) && IsFor(member))
                same.Add(member.No);
        }

        foreach ((string name, List<MemberNo> same) in bearers)
        {
            if (same.Count == 1)
                found.Add(same[0]);
            else if (same.Count > 1 && named && asks && !same.Exists(found.Contains))
                return ([], MeshError.MentionAmbiguous.With($"The mention {name} is invalid: {same.Count} members who can read #{topic.Name.Value} have this name. Mention the one you mean by his key."));
        }

        return ([.. found], null);

        void Add(MeshMember member)
        {
            if (IsFor(member))
                found.Add(member.No);
        }

        bool IsFor(MeshMember member) => member is { Removed: false } && member.No != sender && topic.IsKnownTo(member.No);
    }

    /// <summary>A session's key means its member, and one that was changed the member who had it.</summary>
    private static MeshMember? FindByKey(Workspace workspace, string word)
    {
        if (word.Length != PublicKey.HexLength || !PublicKey.TryParse(word, out PublicKey key))
            return null;
        if (workspace.Addresses.Find(key) is { } owner)
            return workspace.Members.Find(owner.Member);

        return workspace.Logs.Mesh.Log.Follow(key) is { } now ? workspace.Members.Find(now) : null;
    }
}
