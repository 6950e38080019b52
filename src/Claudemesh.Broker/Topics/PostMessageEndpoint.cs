using System.Collections.Immutable;
using System.Text;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// A post over REST: checked as one of a socket is, handed to the same core, and answered once it is durable. Its sender is always the key's
/// issuer. When who asked has gone meanwhile it is accepted all the same, and asking again under the same key of idempotency finds it.
/// </summary>
internal sealed class PostMessageEndpoint(TopicPosts posts, SendRate rate, IDeliveryLog log, IOptions<MessagingOptions> options)
{
    private readonly int bodyBytesMax = options.Value.BodyBytesMax;

    public async Task HandleAsync(RestCall call)
    {
        (string? idempotencyKey, MeshError? refusal) = IdempotencyKey.Read(call.Http.Request);
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        if (await call.ReadBodyAsync<PostMessage>() is not { } post)
            return;

        (Topic? topic, refusal) = call.FindTopic(post.Topic);
        if (topic is null)
        {
            await call.RefuseAsync(refusal!);
            return;
        }

        Send send = SendOf(post, topic);
        (ImmutableArray<MemberNo> mentioned, refusal) = Mentions.Resolve(call.Workspace, topic, send, call.Caller.MemberNo, asks: true);
        ClientKey? key = idempotencyKey is null ? null : IdempotencyKey.Of(call.Caller, idempotencyKey, send);
        SubmitResult result = refusal is null ? await SubmitAsync(call, topic, send, mentioned, key) : new SubmitResult.Refused(refusal);

        // What was accepted once stays accepted, whatever has changed since: who may be mentioned, which bodies the topic takes.
        if (result is SubmitResult.Refused && key is not null && await FindEarlierAsync(call, key) is { } earlier)
            result = earlier;
        if (result is SubmitResult.Accepted accepted)
            await AnswerAsync(call, topic, send, mentioned.Length, accepted);
        else
            await call.RefuseAsync(((SubmitResult.Refused)result).Error);
    }

    private static Send SendOf(PostMessage post, Topic topic) => new(
        topic.Target,
        post.Nonce ?? [],
        post.Text is { } text ? Encoding.UTF8.GetBytes(text) : post.Ciphertext!,
        Priority: post.Priority ?? Priority.Next,
        Mentions: post.Mentions is null ? null : [.. post.Mentions.Select(NameOf)],
        ReplyToId: post.ReplyToId,
        BodyVersion: post.BodyVersion ?? 1,
        Header: post.Header);

    private static string NameOf(string mention) => (mention is ['@', _, ..] ? mention[1..] : mention).ToLowerInvariant();

    private async ValueTask<SubmitResult> SubmitAsync(RestCall call, Topic topic, Send send, ImmutableArray<MemberNo> mentioned, ClientKey? key)
    {
        Workspace workspace = call.Workspace;
        if ((send.Header?.Length ?? 0) + send.Nonce.Length + send.Ciphertext.Length > bodyBytesMax)
            return new SubmitResult.Refused(MeshError.PayloadTooLarge);
        if (!rate.TryTake(call.Caller.MemberNo))
            return new SubmitResult.Refused(MeshError.RateLimit);

        (MessageRef? replyTo, MeshError? refusal) = await posts.CheckAsync(workspace, topic, send, ours: true, call.Aborted);
        if (refusal is not null)
            return new SubmitResult.Refused(refusal);

        await workspace.Loop.RoomAsync(call.Aborted);
        if (!workspace.Sockets.Answers.TryTake(out AwaitedAnswers.Place? place))
            return new SubmitResult.Refused(MeshError.RateLimit);

        workspace.Loop.Post(new Submit(
            new Origin(Connection: null, place.Ticket, call.Caller.MemberNo, Session: null),
            new Address.Topic(topic.Mailbox),
            (Lane)send.Priority!.Value,
            new Envelope(call.Caller.Member.KeyBytes, topic.Target, (short)send.BodyVersion!.Value, send.Header, send.Nonce, send.Ciphertext),
            key,
            replyTo,
            Earlier: null) { Mentioned = mentioned });
        return await place.AnswerAsync();
    }

    private async ValueTask<SubmitResult.Accepted?> FindEarlierAsync(RestCall call, ClientKey key)
    {
        Known?[] found = await log.FindSubmissionsAsync([(call.Caller.MemberNo, key.Id)], call.Aborted);
        return found[0] is { } earlier && key.Fingerprint.AsSpan().SequenceEqual(earlier.Fingerprint)
            ? new SubmitResult.Accepted(earlier.Message, earlier.Recipients, Again: true)
            : null;
    }

    private static Task AnswerAsync(RestCall call, Topic topic, Send send, int mentioned, SubmitResult.Accepted accepted)
    {
        if (accepted.Again)
            call.Http.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";

        MessageId id = call.Workspace.Ids.Of(accepted.Message);
        return call.AnswerAsync(new MessagePosted(
            id, id, id, topic.Name, topic.Id, mentioned, send.BodyVersion!.Value, send.ReplyToId, accepted.Message.Position));
    }
}
