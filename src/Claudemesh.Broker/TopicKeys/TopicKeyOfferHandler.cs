using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.TopicKeys;

/// <summary>Takes what a member can give of a topic's 1.x key, and says how it stands then. What another has given before is kept.</summary>
internal sealed class TopicKeyOfferHandler(TopicKeyStore keys) : IRequestHandler<TopicKeyOffer, TopicKeyState>
{
    public async ValueTask<Reply<TopicKeyState>> HandleAsync(TopicKeyOffer request, Caller caller, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        if (workspace.Topics.Find(request.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;
        if (await TopicKeyRules.RefuseAsync(workspace, topic, caller.MemberNo, cancellationToken) is { } refusal)
            return refusal;

        MeshMember[] holders = [.. TopicKeyRules.Holders(workspace, topic)];
        MeshMember self = caller.Member;
        if (request.Claim is { } claim)
        {
            TopicKeySeal own = new(self.No, self.Key, self.No, claim.EncryptedKey, claim.Nonce);
            await keys.ClaimAsync(topic.No, claim.EncryptedKeyPubkey, own, key => IsHeld(key, holders), cancellationToken);
        }

        foreach (SealTopicKey copy in request.Copies ?? [])
        {
            if (Array.Find(holders, holder => holder.Id == copy.MemberId) is { } recipient)
                await keys.SealAsync(topic.No, new TopicKeySeal(recipient.No, recipient.Key, self.No, copy.EncryptedKey, copy.Nonce), self.Key, cancellationToken);
        }

        return await DescribeAsync(request.Topic, topic, self, holders, cancellationToken);
    }

    private async ValueTask<TopicKeyState> DescribeAsync(string asked, Topic topic, MeshMember self, MeshMember[] holders, CancellationToken cancellationToken)
    {
        TopicKey? key = await keys.FindAsync(topic.No, cancellationToken) is { } known && IsHeld(known, holders) ? known : null;
        TopicKeyCopy? copy = key is null ? null : await keys.FindCopyAsync(topic.No, self.No, cancellationToken);
        bool isMine = copy?.To == self.Key;
        IEnumerable<MeshMember> pending = holders.Where(member => key is null || !TopicKeyRules.Holds(key, member));
        return new TopicKeyState(
            asked,
            [.. pending.Take(PendingSeals.PendingMax).Select(member => new PendingSeal(member.Id, member.Key, member.DisplayName))],
            key?.Pubkey,
            isMine ? copy!.Copy : null,
            isMine ? copy!.Nonce : null);
    }

    private static bool IsHeld(TopicKey key, MeshMember[] holders) => Array.Exists(holders, holder => TopicKeyRules.Holds(key, holder));
}
