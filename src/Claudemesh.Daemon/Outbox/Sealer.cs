using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Outbox;

/// <summary>
/// Makes the frame of a copy at the moment it is sent. Sealing the same copy again gives other bytes and the same fingerprint, by which the broker knows
/// it; so nothing sealed is kept on this machine, and what was sealed under a root that is out of date is sealed again under the same id.
/// </summary>
/// <param name="follow">The key that a member's has become by the log; null where the log does not have it.</param>
internal sealed class Sealer(MemberIdentity identity, Func<string, bool> isSessionOpen, Func<PublicKey, PublicKey?> follow)
{
    /// <summary>For one recipient.</summary>
    /// <returns>False when nobody can be written to under that key.</returns>
    public bool TrySeal(OutboxRow row, out Send? frame)
    {
        (SessionIdentity? session, SessionId? sessionId) = FindSession(row);

        // Addressed before he changed his key: it goes to him under the new one. His sessions have other keys then, too.
        if (follow(row.Recipient.Key) is { } now && now != row.Recipient.Key)
            row = row with { Recipient = row.Recipient with { Key = now, Session = null, Box = false } };
        return row.Recipient.Box ? TryBox(row, session, sessionId, out frame) : TrySealDirect(row, session, sessionId, out frame);
    }

    /// <summary>For a group, a tag, everybody or a topic: one message, whoever and however many they are.</summary>
    public Send SealShared(OutboxRow row, RootKey root)
    {
        (SessionIdentity? session, SessionId? sessionId) = FindSession(row);
        if (!TargetSpec.TryParse(row.Recipient.Target, out TargetSpec? target))
            throw new InvalidDataException("A message in the outbox is addressed to nobody.");

        SealedMessage message = MessageSeal.SealShared(identity.Key, root, NewHeader(row, target, session, root.Reference), BodyOf(row));
        return NewFrame(row, target.ToString(), message.Nonce, message.Ciphertext, sessionId) with
        {
            BodyVersion = SealedMessage.BodyVersion,
            Header = message.Header,
            Mentions = row.Mentions.Length == 0 ? null : row.Mentions.Split(','),
        };
    }

    private bool TrySealDirect(OutboxRow row, SessionIdentity? session, SessionId? sessionId, out Send? frame)
    {
        frame = null;
        TargetSpec target = row.Recipient.Session is { } to ? new TargetSpec.MemberSession(row.Recipient.Key, to) : new TargetSpec.Direct(row.Recipient.Key);
        if (!MessageSeal.TrySealDirect(identity.Key, identity.Pairs, NewHeader(row, target, session, root: null), BodyOf(row), out SealedMessage? message))
            return false;

        frame = NewFrame(row, target.ToString(), message!.Nonce, message.Ciphertext, sessionId) with
        {
            BodyVersion = SealedMessage.BodyVersion,
            Header = message.Header,
        };
        return true;
    }

    private bool TryBox(OutboxRow row, SessionIdentity? session, SessionId? sessionId, out Send? frame)
    {
        frame = null;
        if (!LegacyDirect.TrySeal(session?.Pairs ?? identity.Pairs, row.Recipient.Key, row.Body, out byte[]? nonce, out byte[]? ciphertext))
            return false;

        frame = NewFrame(row, row.Recipient.Key.ToString(), nonce!, ciphertext!, sessionId);
        return true;
    }

    /// <summary>A session that has ended does not hold its words back: they go out as the member's.</summary>
    private (SessionIdentity? Session, SessionId? Id) FindSession(OutboxRow row) => row.SessionId.Length > 0 && isSessionOpen(row.SessionId)
        ? (identity.GetSession(row.SessionId), SessionId.Parse(row.SessionId))
        : (null, null);

    private MessageHeader NewHeader(OutboxRow row, TargetSpec target, SessionIdentity? session, RootReference? root) => new(
        identity.MeshId,
        target,
        identity.Public,
        session?.Key.Public,
        row.ClientMessageId,
        row.CreatedAt,
        row.ReplyTo.Length == 0 ? null : row.ReplyTo,
        PriorityOf(row),
        row.Mentions,
        root);

    private static MessageBody BodyOf(OutboxRow row) => new(MessageBody.TypeText, row.Body);

    private static Send NewFrame(OutboxRow row, string target, byte[] nonce, byte[] ciphertext, SessionId? sessionId) => new(
        target,
        nonce,
        ciphertext,
        Id: row.ClientMessageId,
        Priority: PriorityOf(row),
        ClientMessageId: row.ClientMessageId,
        RequestFingerprint: row.Fingerprint,
        ReplyToId: row.ReplyTo.Length == 0 ? null : row.ReplyTo,
        SessionId: sessionId);

    private static Priority PriorityOf(OutboxRow row) => Enum.Parse<Priority>(row.Priority, ignoreCase: true);
}
