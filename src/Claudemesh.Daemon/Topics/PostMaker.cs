using System.Text.RegularExpressions;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Topics;

/// <summary>Makes a post of what was opened: whether it is one's own, whom it mentions, and whether it was written under the root that its topic has.</summary>
/// <param name="isMine">Whether a name, in lower case, or a key is this person's or that of an open session of his.</param>
internal sealed partial class PostMaker(MemberIdentity identity, TopicBook topics, Func<string, bool> isMine)
{
    /// <summary>The topic that a push is of; null for one to somebody.</summary>
    public static string? TopicOf(Push push) => push.Target is ['#', .. { Length: > 0 } id] ? id : null;

    public NewPost Make(string topicId, Arrival arrival)
    {
        // Only what he has signed. A post in clear that has his name is of a script that holds an API key of his, and news to him.
        bool own = arrival.Verified && identity.IsOwn(arrival.SenderKey);
        // In a topic with a root of its own nothing counts that a member of the workspace alone could write.
        if (arrival.Scope is { } scope && topics.OwnScopeOf(topicId) is { } expected && scope != expected)
            arrival = arrival with { Text = null, Verified = false, Unreadable = "wrong_root" };
        if (!arrival.Verified && arrival.Text is { } text)
            arrival = arrival with { Mentions = string.Join(',', FindMentions(text)) };

        arrival = arrival with { AddressedTo = "#" + (topics.FindById(topicId)?.Name ?? topicId), Source = "#" + topicId };
        bool mentionsMe = !own && arrival.Mentions.Length > 0 && arrival.Mentions.Split(',').Any(isMine);
        return new NewPost(topicId, arrival, own, mentionsMe);
    }

    /// <summary>A post of history as it would have been pushed.</summary>
    public static Push AsPush(TopicPost post, MeshId mesh, string topicId) => new(
        post.Id.Value,
        mesh,
        post.SenderPubkey,
        post.Nonce,
        post.Ciphertext,
        post.CreatedAt,
        Priority: post.Priority,
        SenderMemberPubkey: post.SenderMemberPubkey,
        SenderMemberId: post.SenderMemberId,
        SenderName: post.SenderName.Value,
        ClientMessageId: post.ClientMessageId,
        ReplyToId: post.ReplyToId,
        BodyVersion: post.BodyVersion,
        Header: post.Header,
        Target: "#" + topicId,
        Position: post.Position);

    /// <summary>Names after an <c>@</c>, in lower case, sorted, each once, and no more than a post may have.</summary>
    public static IReadOnlyList<string> FindMentions(string text) =>
    [
        .. Mention().Matches(text).Select(found => found.Groups["name"].Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal)
            .Take(LocalLimits.MentionsMax).Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("(?<![A-Za-z0-9_-])@(?<name>[A-Za-z0-9_-]{1,64})(?![A-Za-z0-9_-])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mention();
}
