namespace Claudemesh.Protocol.Signing;

/// <summary>Under which root key a message is written: the scope's name, its epoch, and the public commitment to the key.</summary>
/// <param name="Scope"><c>mesh</c> or <c>topic/&lt;topic_id&gt;</c>.</param>
/// <param name="RootId">Never optional: the cipher does not commit to its key, this does (keys.md 6).</param>
public sealed record RootReference(string Scope, long Epoch, Digest RootId)
{
    public const string MeshScope = "mesh";
    private const string TopicPrefix = "topic/";

    public static bool IsScope(string scope) =>
        scope is MeshScope || (scope.StartsWith(TopicPrefix, StringComparison.Ordinal) && WireId.IsValid(scope.AsSpan(TopicPrefix.Length)));

    public static string TopicScope(string topicId) => TopicPrefix + topicId;
}

/// <summary>
/// The header H of a version 3 message: associated data of its ciphertext, covered by its signature, sent as base64 of these bytes
/// (keys.md 6). Both keys of a session are addresses only; the message is written to and signed by member keys.
/// </summary>
/// <param name="ClientMessageId">The sender's own id of the message, not empty; our clients make a UUIDv7.</param>
/// <param name="SentAt">Milliseconds since 1970.</param>
/// <param name="ReplyTo">The id of the message that this one answers, or null.</param>
/// <param name="Mentions">Names in lower case, ordinally sorted, joined by <c>,</c>; empty for none. <see cref="JoinMentions"/> makes it.</param>
/// <param name="Root">Null exactly for direct messages.</param>
public sealed record MessageHeader(
    string MeshId,
    TargetSpec Target,
    PublicKey SenderMember,
    PublicKey? SenderSession,
    string ClientMessageId,
    long SentAt,
    string? ReplyTo,
    Priority Priority,
    string Mentions,
    RootReference? Root) : ISignable
{
    public const string Label = "claudemesh/message/3";

    /// <summary>The member that a direct message is written to; null for every other kind.</summary>
    public PublicKey? Recipient => Target switch
    {
        TargetSpec.Direct direct => direct.Key,
        TargetSpec.MemberSession session => session.Member,
        _ => null,
    };

    public static string JoinMentions(IEnumerable<string> names) =>
        string.Join(',', names.Select(name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.OneOf(TargetText.KindOf(Target), (Root is null) == Recipient.HasValue);
        bytes.Id(MeshId);
        TargetText.WriteAddress(ref bytes, Target);
        bytes.Key(SenderMember);
        bytes.OptionalKey(SenderSession);
        bytes.OneOf(ClientMessageId, ClientMessageId.Length is >= 1 and <= WireLimits.ClientIdCharsMax);
        bytes.Number(SentAt);
        bytes.Text(ReplyTo);
        bytes.OneOf(NameOf(Priority), Enum.IsDefined(Priority));
        bytes.Text(Mentions);
        if (Root is null)
        {
            bytes.Absent();
            bytes.Absent();
            bytes.Absent();
            return;
        }

        bytes.OneOf(Root.Scope, RootReference.IsScope(Root.Scope));
        bytes.Number(Root.Epoch);
        bytes.Hash(Root.RootId);
    }

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes; anything else, also a byte too many, is false.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out MessageHeader? header)
    {
        header = null;
        if (!SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryText(out string kind)
            || !fields.TryId(out string meshId)
            || !TargetText.TryRead(ref fields, kind, out TargetSpec? target)
            || !fields.TryKey(out PublicKey member)
            || !fields.TryOptionalKey(out PublicKey? session)
            || !fields.TryText(out string clientMessageId)
            || clientMessageId.Length is 0 or > WireLimits.ClientIdCharsMax
            || !fields.TryNumber(out long sentAt)
            || !fields.TryText(out string replyTo)
            || !TryReadPriority(ref fields, out Priority priority)
            || !fields.TryText(out string mentions)
            || !TryReadRoot(ref fields, kind is "direct", out RootReference? root)
            || !fields.AtEnd)
            return false;

        header = new MessageHeader(
            meshId, target!, member, session, clientMessageId, sentAt, replyTo.Length == 0 ? null : replyTo, priority, mentions, root);
        return true;
    }

    /// <summary>The sender's member key, 32 bytes, without reading the rest; false where these cannot be the bytes of a header.</summary>
    public static bool TryFindSender(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> member)
    {
        member = default;
        return SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            && fields.TryField(out _)
            && fields.TryField(out _)
            && fields.TryField(out _)
            && fields.TryField(PublicKey.Size, out member);
    }

    private static string NameOf(Priority priority) => priority switch
    {
        Priority.Now => "now",
        Priority.Next => "next",
        _ => "low",
    };

    private static bool TryReadPriority(ref SignedFields fields, out Priority priority)
    {
        priority = default;
        if (!fields.TryText(out string name))
            return false;

        (bool known, priority) = name switch
        {
            "now" => (true, Priority.Now),
            "next" => (true, Priority.Next),
            "low" => (true, Priority.Low),
            _ => (false, default),
        };
        return known;
    }

    private static bool TryReadRoot(ref SignedFields fields, bool direct, out RootReference? root)
    {
        root = null;
        if (direct)
            return fields.TryField(0, out _) && fields.TryField(0, out _) && fields.TryField(0, out _);
        if (!fields.TryText(out string scope) || !RootReference.IsScope(scope)
            || !fields.TryNumber(out long epoch)
            || !fields.TryHash(out Digest rootId))
            return false;

        root = new RootReference(scope, epoch, rootId);
        return true;
    }
}
