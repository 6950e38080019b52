using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>Writes and reads version 3 messages of every kind.</summary>
public static class MessageSeal
{
    public static readonly TimeSpan DirectAgeMax = TimeSpan.FromDays(45);
    public static readonly TimeSpan ClockAheadMax = TimeSpan.FromMinutes(5);

    /// <summary>Writes a direct message; false for a recipient key that no key can be agreed with.</summary>
    /// <param name="pairs">The sender's own pairs, of its member key.</param>
    public static bool TrySealDirect(
        MemberSecretKey sender, PairKeys pairs, MessageHeader header, MessageBody body, out SealedMessage? message)
    {
        message = null;
        Span<byte> key = stackalloc byte[XChaCha20Poly1305.KeySize];
        if (header.Recipient is not { } recipient || !pairs.TryCopyDirectKey(recipient, key))
            return false;

        message = Seal(sender, key, header, body);
        Native.sodium_memzero(key, XChaCha20Poly1305.KeySize);
        return true;
    }

    /// <summary>Writes a message to a topic, group, tag or everybody.</summary>
    /// <exception cref="ArgumentException">The header names another root key.</exception>
    public static SealedMessage SealShared(MemberSecretKey sender, RootKey root, MessageHeader header, MessageBody body)
    {
        if (header.Root != root.Reference)
            throw new ArgumentException("The header names another root key than the message would be written under.", nameof(header));

        using SecretBytes key = root.DeriveMessageKey(header.Target);
        return Seal(sender, key.Expose(), header, body);
    }

    /// <summary>
    /// Reads a direct message and makes every check that needs no log. What is left to the caller: that the sender was a member at
    /// <c>sentAt</c>, and that (sender, client id, target) is new.
    /// </summary>
    /// <param name="own">The member that the message must be addressed to.</param>
    public static MessageRefusal OpenDirect(
        PublicKey own, PairKeys pairs, MessageFrame frame, SealedMessage message, DateTimeOffset now, out OpenedMessage? opened)
    {
        opened = null;
        MessageRefusal refusal = ReadHeader(frame, message, out MessageHeader? header);
        if (refusal is not MessageRefusal.None)
            return refusal;

        refusal = header!.Recipient == own ? CheckAge(header, now) : MessageRefusal.WrongTarget;
        if (refusal is not MessageRefusal.None)
            return refusal;

        Span<byte> key = stackalloc byte[XChaCha20Poly1305.KeySize];
        if (!pairs.TryCopyDirectKey(header.SenderMember, key))
            return MessageRefusal.BadSenderKey;

        refusal = Open(key, header, message, out opened);
        Native.sodium_memzero(key, XChaCha20Poly1305.KeySize);
        return refusal;
    }

    /// <summary>
    /// Reads a message to a topic, group, tag or everybody, with every check but one: that (sender, client id, target) is new.
    /// </summary>
    /// <param name="log">Of the topic where it has a log of its own, else of the workspace.</param>
    /// <param name="roots">The reader's roots of the same scope.</param>
    public static MessageRefusal OpenShared(
        Membership log, RootHistory roots, MessageFrame frame, SealedMessage message, out OpenedMessage? opened)
    {
        opened = null;
        MessageRefusal refusal = ReadHeader(frame, message, out MessageHeader? header);
        if (refusal is not MessageRefusal.None)
            return refusal;
        if (header!.Root is null)
            return MessageRefusal.WrongTarget;

        refusal = log.Check(header);
        if (refusal is not MessageRefusal.None)
            return refusal;
        if (roots.Find(log, header.Root.Epoch) is not { } root)
            return MessageRefusal.NoRoot;

        using SecretBytes key = root.DeriveMessageKey(header.Target);
        return Open(key.Expose(), header, message, out opened);
    }

    internal static SealedMessage Seal(
        MemberSecretKey sender, ReadOnlySpan<byte> key, MessageHeader header, MessageBody body, ReadOnlySpan<byte> fixedNonce = default)
    {
        if (header.SenderMember != sender.Public)
            throw new ArgumentException("The header names another sender than the one that signs.", nameof(header));

        return BodySeal.Seal(sender, key, SignedBytes.Of(header), body, BodySignatureText.OfMessage, fixedNonce);
    }

    private static MessageRefusal ReadHeader(MessageFrame frame, SealedMessage message, out MessageHeader? header)
    {
        if (!MessageHeader.TryParse(message.Header, out header))
            return MessageRefusal.BadHeader;

        bool equal = header!.MeshId == frame.MeshId
            && (frame.TargetSpec is null || (TargetSpec.TryParse(frame.TargetSpec, out TargetSpec? target) && target == header.Target))
            && (frame.SenderMember is null || frame.SenderMember == header.SenderMember)
            && (frame.SenderKey is null || frame.SenderKey == (header.SenderSession ?? header.SenderMember))
            && (frame.ClientMessageId is null || frame.ClientMessageId == header.ClientMessageId)
            && (frame.Priority is null || frame.Priority == header.Priority)
            && (frame.ReplyTo is null || frame.ReplyTo == header.ReplyTo);
        return equal ? MessageRefusal.None : MessageRefusal.FrameMismatch;
    }

    private static MessageRefusal CheckAge(MessageHeader header, DateTimeOffset now)
    {
        long age = now.ToUnixTimeMilliseconds() - header.SentAt;
        if (age >= (long)DirectAgeMax.TotalMilliseconds)
            return MessageRefusal.TooOld;
        return age < -(long)ClockAheadMax.TotalMilliseconds ? MessageRefusal.TooFarAhead : MessageRefusal.None;
    }

    private static MessageRefusal Open(ReadOnlySpan<byte> key, MessageHeader header, SealedMessage message, out OpenedMessage? opened)
    {
        MessageRefusal refusal = BodySeal.Open(key, header.SenderMember, message, BodySignatureText.OfMessage, out MessageBody? body);
        opened = body is null ? null : new OpenedMessage(header, body);
        return refusal;
    }
}
