using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>What the frame around an object says; all of it must equal the header.</summary>
public sealed record ObjectFrame(ObjectKind Kind, string MeshId, string Name, long Revision);

/// <summary>An object that opened, whose signature is good and whose header equals its frame.</summary>
public sealed record OpenedObject(ObjectHeader Header, MessageBody Body);

/// <summary>Writes and reads state values, memories, summaries and schedules (keys.md 6): the form of a message with a header of its own.</summary>
public static class ObjectSeal
{
    /// <exception cref="ArgumentException">The header names another author or root key.</exception>
    public static SealedMessage Seal(
        MemberSecretKey author, RootKey root, ObjectHeader header, MessageBody body) => Seal(author, root, header, body, fixedNonce: default);

    /// <summary>Reads an object and makes every check.</summary>
    /// <param name="log">Of the workspace.</param>
    /// <param name="seenRevision">The newest revision of this name that this client has shown; 0 for none. An older one is not shown.</param>
    public static MessageRefusal Open(
        Membership log, RootHistory roots, ObjectFrame frame, long seenRevision, SealedMessage sealedObject, out OpenedObject? opened)
    {
        opened = null;
        if (!ObjectHeader.TryParse(sealedObject.Header, out ObjectHeader? header))
            return MessageRefusal.BadHeader;
        if (new ObjectFrame(header!.Kind, header.MeshId, header.Name, header.Revision) != frame)
            return MessageRefusal.FrameMismatch;
        if (header.Revision < seenRevision)
            return MessageRefusal.OlderThanSeen;

        MessageRefusal refusal = log.Check(header);
        if (refusal is not MessageRefusal.None)
            return refusal;
        if (roots.Find(log, header.Epoch) is not { } root)
            return MessageRefusal.NoRoot;

        using SecretBytes key = root.DeriveObjectKey(ObjectHeader.WordOf(header.Kind));
        refusal = BodySeal.Open(key.Expose(), header.Author, sealedObject, BodySignatureText.OfObject, out MessageBody? body);
        opened = body is null ? null : new OpenedObject(header, body);
        return refusal;
    }

    internal static SealedMessage Seal(
        MemberSecretKey author, RootKey root, ObjectHeader header, MessageBody body, ReadOnlySpan<byte> fixedNonce)
    {
        if (header.Author != author.Public)
            throw new ArgumentException("The header names another author than the one that signs.", nameof(header));
        if (RootOf(header) != root.Reference)
            throw new ArgumentException("The header names another root key than the object would be written under.", nameof(header));

        using SecretBytes key = root.DeriveObjectKey(ObjectHeader.WordOf(header.Kind));
        return BodySeal.Seal(author, key.Expose(), SignedBytes.Of(header), body, BodySignatureText.OfObject, fixedNonce);
    }

    private static RootReference RootOf(ObjectHeader header) => new(RootReference.MeshScope, header.Epoch, header.RootId);
}
