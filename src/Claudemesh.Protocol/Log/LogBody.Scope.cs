using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Log;

public abstract partial record LogBody
{
    /// <summary>The first record. Its author is the owner of the workspace, or the first lead of a topic; its hash is the pin.</summary>
    /// <param name="Nonce">Random, so that no two workspaces have one pin.</param>
    /// <param name="EncryptionRequired"><c>required</c>, or <c>mixed</c> for a workspace that still has 1.x clients.</param>
    public sealed record Genesis(Digest Nonce, bool EncryptionRequired, string OwnerMemberId) : LogBody
    {
        public const string Name = "genesis";

        public override string Type => Name;

        internal static Genesis? Read(ref SignedFields fields) =>
            fields.TryHash(out Digest nonce) && fields.TryWord(LogWords.Encryption, out bool required) && fields.TryId(out string owner)
                ? new Genesis(nonce, required, owner)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Hash(Nonce);
            bytes.Word(LogWords.Encryption, EncryptionRequired);
            bytes.Id(OwnerMemberId);
        }
    }

    /// <summary>Changes what the workspace, or one topic, admits.</summary>
    /// <param name="TopicId">Null for the workspace itself.</param>
    /// <param name="PlainIn">Whether the topic takes bodies that the broker can read; never for the workspace as a whole.</param>
    public sealed record Policy(bool EncryptionRequired, string? TopicId, bool PlainIn) : LogBody
    {
        public const string Name = "policy";

        public override string Type => Name;

        internal static Policy? Read(ref SignedFields fields) =>
            fields.TryWord(LogWords.Encryption, out bool required)
            && fields.TryText(out string topic)
            && (topic.Length == 0 || WireId.IsValid(topic))
            && fields.TryWord(LogWords.YesNo, out bool plain)
            && (topic.Length > 0 || !plain)
                ? new Policy(required, topic.Length == 0 ? null : topic, plain)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Word(LogWords.Encryption, EncryptionRequired);
            bytes.OneOf(TopicId ?? string.Empty, TopicId is null ? !PlainIn : WireId.IsValid(TopicId));
            bytes.Word(LogWords.YesNo, PlainIn);
        }
    }

    /// <summary>A new root key of the scope.</summary>
    /// <param name="Number">One more than the epoch before; the first is 1.</param>
    /// <param name="RootId">The commitment to the root key.</param>
    /// <param name="Back">The link to the root before, 72 bytes; empty when the past is cut off, and for the first epoch.</param>
    /// <param name="Recipients">SHA-256 of the keys that the root is sealed to, in ascending order.</param>
    public sealed record Epoch(long Number, Digest RootId, ReadOnlyMemory<byte> Back, Digest Recipients, string Reason) : LogBody
    {
        public const string Name = "epoch";
        public const int BackSize = 24 + 32 + 16;

        public override string Type => Name;

        internal static Epoch? Read(ref SignedFields fields) =>
            fields.TryNumber(out long number)
            && number >= 1
            && fields.TryHash(out Digest rootId)
            && fields.TryField(out ReadOnlySpan<byte> back)
            && IsBack(number, back.Length)
            && fields.TryHash(out Digest recipients)
            && fields.TryReason(out string reason)
                ? new Epoch(number, rootId, back.ToArray(), recipients, reason)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Number(IsBack(Number, Back.Length) ? Number : -1);
            bytes.Hash(RootId);
            bytes.Field(Back.Span);
            bytes.Hash(Recipients);
            bytes.Reason(Reason);
        }

        private static bool IsBack(long number, int size) => number >= 1 && (size == 0 || (size == BackSize && number > 1));
    }
}
