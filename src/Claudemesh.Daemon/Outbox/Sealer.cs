using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Outbox;

/// <summary>
/// Makes the frame of a copy at the moment it is sent. Sealing the same copy again gives other bytes and the same fingerprint, by which the broker knows
/// it; so nothing sealed is kept on this machine.
/// </summary>
internal sealed class Sealer(MemberIdentity identity, Func<string, bool> isSessionOpen)
{
    /// <returns>False when nobody can be written to under that key.</returns>
    public bool TrySeal(OutboxRow row, out Send? frame)
    {
        // A session that has ended does not hold its words back: they go out as the member's.
        SessionIdentity? session = row.SessionId.Length > 0 && isSessionOpen(row.SessionId) ? identity.GetSession(row.SessionId) : null;
        SessionId? sessionId = session is null ? null : SessionId.Parse(row.SessionId);
        return row.Recipient.Box ? TryBox(row, session, sessionId, out frame) : TrySealDirect(row, session, sessionId, out frame);
    }

    private bool TrySealDirect(OutboxRow row, SessionIdentity? session, SessionId? sessionId, out Send? frame)
    {
        frame = null;
        var header = new MessageHeader(
            identity.MeshId,
            row.Recipient.Session is { } to ? new TargetSpec.MemberSession(row.Recipient.Key, to) : new TargetSpec.Direct(row.Recipient.Key),
            identity.Public,
            session?.Key.Public,
            row.ClientMessageId,
            row.CreatedAt,
            row.ReplyTo.Length == 0 ? null : row.ReplyTo,
            PriorityOf(row),
            Mentions: "",
            Root: null);
        if (!MessageSeal.TrySealDirect(identity.Key, identity.Pairs, header, new MessageBody(MessageBody.TypeText, row.Body), out SealedMessage? message))
            return false;

        frame = NewFrame(row, header.Target.ToString(), message!.Nonce, message.Ciphertext, sessionId) with
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
