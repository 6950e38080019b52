using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sessions;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Finds the mailbox behind a target. Any member's key is an address, and so is the key of any session that was ever
/// attested, online or not; an unproven 1.x session key is one while its peer is here.
/// </summary>
internal sealed class Addressing(SessionAddresses sessions)
{
    public async ValueTask<(Address? To, MeshError? Refusal)> ResolveAsync(
        Workspace workspace, string targetSpec, MemberNo sender, CancellationToken cancellationToken)
    {
        // Most are keys that are known already: found without leaving this thread.
        if (targetSpec.Length == PublicKey.HexLength && PublicKey.TryParse(targetSpec, out PublicKey key)
            && workspace.Addresses.Find(key) is { } known)
        {
            return Direct(workspace, known);
        }

        if (!TargetSpec.TryParse(targetSpec, out TargetSpec? target))
            return (null, MeshError.NoConnectedPeer);

        return target switch
        {
            TargetSpec.Everyone => (new Address.Everyone(workspace.Activation.Everyone), null),
            TargetSpec.Group group => (new Address.Group(group.Name.Value), null),
            TargetSpec.Topic topic => Find(workspace, topic.Id, sender),
            TargetSpec.Tag tag => (new Address.Tag(tag.Name.Value), null),
            TargetSpec.Direct direct => Direct(
                workspace, await sessions.FindAsync(workspace, direct.Key, cancellationToken) ?? FindUnproven(workspace, direct.Key) ?? FindFormer(workspace, direct.Key)),
            TargetSpec.MemberSession both => Direct(workspace, await FindAsync(workspace, both, cancellationToken)),
            _ => (null, MeshError.NoConnectedPeer),
        };
    }

    /// <summary>A topic is addressed by its id alone: names are resolved by clients (wire reference 3.5), and one is told so instead of being lost.</summary>
    private static (Address?, MeshError?) Find(Workspace workspace, string id, MemberNo sender)
    {
        if (workspace.Topics.FindById(id) is { } topic && topic.IsKnownTo(sender))
            return (new Address.Topic(topic.Mailbox), null);

        return (null, workspace.Topics.Find(id, sender) is { } named
            ? MeshError.TopicNotFound.With($"The target is invalid: a topic is addressed by # and its id, not by its name. Send to {named.Target}.")
            : MeshError.TopicNotFound);
    }

    /// <summary>
    /// Nothing is kept under a key that nobody attested: what is for it goes to the member's own mailbox, which the peer
    /// that brought the key reads too.
    /// </summary>
    private static MailboxOwner? FindUnproven(Workspace workspace, PublicKey key) =>
        workspace.Roster.FindByRoutingKey(key) is { } peer ? workspace.Members.Find(peer.Identity.Member)?.Address : null;

    /// <summary>A member's key before it was changed: its member keeps the old one to read with, and senders learn of the change from the log.</summary>
    private static MailboxOwner? FindFormer(Workspace workspace, PublicKey key) =>
        workspace.Logs.Mesh.Log.Follow(key) is { } now ? workspace.Addresses.Find(now) : null;

    /// <summary>A session that is not this member's is no address of his: what is for him goes to himself.</summary>
    private async ValueTask<MailboxOwner?> FindAsync(Workspace workspace, TargetSpec.MemberSession target, CancellationToken cancellationToken)
    {
        MailboxOwner? session = await sessions.FindAsync(workspace, target.Session, cancellationToken);
        return session?.MemberKey == target.Member ? session : workspace.Addresses.Find(target.Member) ?? FindFormer(workspace, target.Member);
    }

    private static (Address?, MeshError?) Direct(Workspace workspace, MailboxOwner? owner)
    {
        return (owner, Member: owner is null ? null : workspace.Members.Find(owner.Member)) switch
        {
            (null, _) or (_, null) => (null, MeshError.NoConnectedPeer),
            (_, { Removed: true }) => (null, MeshError.RecipientRemoved),
            _ => (new Address.Direct(owner.Mailbox, owner.Member), null),
        };
    }
}
