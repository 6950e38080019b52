using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>What a version 3 message is on the wire: three byte strings, each sent as base64.</summary>
public sealed record SealedMessage(byte[] Header, byte[] Nonce, byte[] Ciphertext)
{
    public const int BodyVersion = 3;
}

/// <summary>
/// What the frame around a message says. Everything that header and frame both carry must be equal, else somebody in between has
/// changed it. A null is something that this frame does not carry and is not compared.
/// </summary>
/// <param name="MeshId">The workspace of the connection that brought the frame.</param>
/// <param name="TargetSpec">As the frame has it; a reply in history may have none.</param>
/// <param name="SenderKey">The <c>senderPubkey</c> of 1.x: the session's key when a session sent it, else the member's.</param>
public sealed record MessageFrame(
    string MeshId,
    string? TargetSpec,
    PublicKey? SenderMember,
    PublicKey? SenderKey,
    string? ClientMessageId,
    Priority? Priority,
    string? ReplyTo = null);

/// <summary>A message that opened, whose signature is good and whose header equals its frame.</summary>
public sealed record OpenedMessage(MessageHeader Header, MessageBody Body);

/// <summary>Why a version 3 message, or an object, is not shown. The names go to logs and, in lower case, into refusals.</summary>
public enum MessageRefusal
{
    None,

    /// <summary>The header is not one, or has more than it may have.</summary>
    BadHeader,

    /// <summary>Header and frame differ, or the frame is of another workspace.</summary>
    FrameMismatch,

    /// <summary>Not addressed to this member, or not of the kind that was expected.</summary>
    WrongTarget,

    /// <summary>A direct message of 45 days or more.</summary>
    TooOld,

    /// <summary>A direct message from more than 5 minutes ahead.</summary>
    TooFarAhead,

    /// <summary>Under another root key than the log has for that epoch and address.</summary>
    WrongRoot,

    /// <summary>Under a root that this reader has no copy of and no link to.</summary>
    NoRoot,

    /// <summary>The log knows no such member in that epoch, or for a direct message at that time.</summary>
    NotAMember,

    /// <summary>The sender's key is none that a key can be agreed with.</summary>
    BadSenderKey,

    /// <summary>Wrong key, or a bit has changed.</summary>
    DoesNotOpen,

    /// <summary>It opens and holds something that no sender of ours makes.</summary>
    BadPayload,

    /// <summary>An object of an earlier revision than this client has shown.</summary>
    OlderThanSeen,

    /// <summary>The sender's member key did not sign it.</summary>
    BadSignature,
}
