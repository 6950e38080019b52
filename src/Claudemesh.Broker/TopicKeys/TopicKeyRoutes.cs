using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.TopicKeys;

/// <summary>
/// The key that 1.x clients give to a topic, in topics that take what they write (rest reference 1.6). Whom it is sealed for is in the topic, and so is
/// who seals, and holds it: the broker never makes one.
/// </summary>
internal static class TopicKeyRoutes
{
    public static RestRoutes MapTopicKeys(this RestRoutes routes) => routes
        .Add(new("GET", "/topics/{topic}/key", Operation.ReadTopics, KeyReach.OneTopic, "Gives the topic's 1.x key as it is sealed to you.", ShowAsync)
        {
            Reply = typeof(SealedTopicKey),
            Refusals = [MeshError.TopicUnencrypted, MeshError.KeyNotSealedForMember, MeshError.TopicKeyInLog, MeshError.NotInTopic],
        })
        .Add(new("DELETE", "/topics/{topic}/key", Operation.UseTopics, KeyReach.OneTopic,
            "Gives back a copy that you cannot open, so that another is sealed to you.", DropAsync)
        {
            Status = 204,
            Refusals = [MeshError.KeyNotSealedForMember, MeshError.TopicKeyInLog, MeshError.NotInTopic],
        })
        .Add(new("POST", "/topics/{topic}/claim-key", Operation.UseTopics, KeyReach.OneTopic,
            "Gives a 1.x key to a topic that has none, or one that nobody holds any more.", ClaimAsync)
        {
            Body = typeof(ClaimTopicKey),
            Reply = typeof(TopicKeyClaimed),
            Refusals = [MeshError.AlreadyEncrypted, MeshError.TopicKeyInLog, MeshError.NotInTopic],
        })
        .Add(new("GET", "/topics/{topic}/pending-seals", Operation.ReadTopics, KeyReach.OneTopic,
            "Lists the members of the topic to whose present key its 1.x key is not sealed.", ListPendingAsync)
        {
            Reply = typeof(PendingSeals),
            Refusals = [MeshError.TopicKeyInLog, MeshError.NotInTopic],
        })
        .Add(new("POST", "/topics/{topic}/seal", Operation.UseTopics, KeyReach.OneTopic,
            "Stores the topic's 1.x key, sealed by you to another member of it.", SealAsync)
        {
            Body = typeof(SealTopicKey),
            Reply = typeof(TopicKeySealed),
            Refusals =
            [
                MeshError.TopicUnencrypted, MeshError.RecipientNotInTopic, MeshError.AlreadySealed,
                MeshError.TopicKeyNotHeld, MeshError.TopicKeyInLog, MeshError.NotInTopic,
            ],
        });

    private static async Task ShowAsync(RestCall call)
    {
        Topic topic = call.Topic!;
        TopicKeyStore keys = call.Get<TopicKeyStore>();
        MeshError? refusal = await RefuseAsync(call);
        TopicKey? key = refusal is null ? await keys.FindAsync(topic.No, call.Aborted) : null;
        TopicKeyCopy? copy = key is null ? null : await keys.FindCopyAsync(topic.No, call.Caller.MemberNo, call.Aborted);
        await ((refusal, key, copy) switch
        {
            ({ } wrong, _, _) => call.RefuseAsync(wrong),
            (_, null, _) => call.RefuseAsync(MeshError.TopicUnencrypted),
            (_, _, { } mine) when mine.To == call.Caller.Member.Key => call.AnswerAsync(new SealedTopicKey(
                topic.Name, topic.Id, mine.Copy, mine.Nonce, key.Pubkey, mine.SealedAt.ToTime(), call.Workspace.Members.Find(mine.SealedBy)!.Id)),
            _ => call.RefuseAsync(MeshError.KeyNotSealedForMember),
        });
    }

    private static async Task DropAsync(RestCall call)
    {
        MeshError? refusal = await RefuseAsync(call);
        if (refusal is null && !await call.Get<TopicKeyStore>().DropAsync(call.Topic!.No, call.Caller.MemberNo, call.Aborted))
            refusal = MeshError.KeyNotSealedForMember;
        await call.AnswerAsync(refusal);
    }

    private static async Task ClaimAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<ClaimTopicKey>() is not { } claim)
            return;

        MeshError? refusal = await RefuseAsync(call);
        Topic topic = call.Topic!;
        MeshMember member = call.Caller.Member;
        TopicKeySeal own = new(member.No, member.Key, member.No, claim.EncryptedKey, claim.Nonce);
        TopicKey? known = refusal is not null ? null : await call.Get<TopicKeyStore>().ClaimAsync(
            topic.No, claim.EncryptedKeyPubkey, own, key => TopicKeyRules.Holders(call.Workspace, topic).Any(holder => TopicKeyRules.Holds(key, holder)), call.Aborted);
        if (known is not null)
            refusal = MeshError.AlreadyEncrypted.With($"Claiming the key is invalid: the topic has one that a member holds, of {known.Pubkey}. Ask for it with GET /key.");
        await (refusal is not null
            ? call.RefuseAsync(refusal)
            : call.AnswerAsync(new TopicKeyClaimed(topic.Name, topic.Id, claim.EncryptedKeyPubkey, member.Id, Claimed: true)));
    }

    private static async Task ListPendingAsync(RestCall call)
    {
        if (await RefuseAsync(call) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        Topic topic = call.Topic!;
        TopicKey? key = await call.Get<TopicKeyStore>().FindAsync(topic.No, call.Aborted);
        IEnumerable<MeshMember> pending = key is null ? [] : TopicKeyRules.Holders(call.Workspace, topic).Where(member => !TopicKeyRules.Holds(key, member));
        await call.AnswerAsync(new PendingSeals(
            topic.Name, topic.Id, key?.Pubkey, [.. pending.Take(PendingSeals.PendingMax).Select(member => new PendingSeal(member.Id, member.Key, member.DisplayName))]));
    }

    private static async Task SealAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<SealTopicKey>() is not { } request)
            return;

        Topic topic = call.Topic!;
        MeshError? refusal = await RefuseAsync(call);
        MeshMember? recipient = TopicKeyRules.Holders(call.Workspace, topic).FirstOrDefault(member => member.Id == request.MemberId);
        Instant? at = null;
        if (refusal is null && recipient is null)
            refusal = MeshError.RecipientNotInTopic;
        if (refusal is null)
        {
            TopicKeySeal seal = new(recipient!.No, recipient.Key, call.Caller.MemberNo, request.EncryptedKey, request.Nonce);
            (at, refusal) = await call.Get<TopicKeyStore>().SealAsync(topic.No, seal, call.Caller.Member.Key, call.Aborted);
        }

        await (at is { } sealedAt
            ? call.AnswerAsync(new TopicKeySealed(topic.Name, topic.Id, request.MemberId, sealedAt.ToTime()))
            : call.RefuseAsync(refusal!));
    }

    private static ValueTask<MeshError?> RefuseAsync(RestCall call) =>
        TopicKeyRules.RefuseAsync(call.Workspace, call.Topic!, call.Caller.MemberNo, call.Aborted);
}
