using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Log;

public abstract partial record LogBody
{
    /// <summary>Opens an invite: who knows its secret may join.</summary>
    /// <param name="Key">Derived from the secret in the link.</param>
    /// <param name="Admits">The role of whoever joins with it.</param>
    /// <param name="ExpiresAt">Milliseconds since 1970.</param>
    public sealed record Invite(string InviteId, PublicKey Key, LogRole Admits, long UsesMax, long ExpiresAt) : LogBody
    {
        public const string Name = "invite";

        public override string Type => Name;

        internal static Invite? Read(ref SignedFields fields) =>
            fields.TryId(out string id)
            && fields.TryKey(out PublicKey key)
            && fields.TryWord(LogWords.Roles, out LogRole role)
            && fields.TryNumber(out long uses)
            && uses >= 1
            && fields.TryNumber(out long expires)
                ? new Invite(id, key, role, uses, expires)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Id(InviteId);
            bytes.Key(Key);
            bytes.Word(LogWords.Roles, Admits);
            bytes.Number(UsesMax >= 1 ? UsesMax : -1);
            bytes.Number(ExpiresAt);
        }
    }

    /// <summary>Revokes an invite. Its holder may have the root, so a rotation is due.</summary>
    public sealed record Uninvite(string InviteId) : LogBody
    {
        public const string Name = "uninvite";

        public override string Type => Name;

        internal static Uninvite? Read(ref SignedFields fields) => fields.TryId(out string id) ? new Uninvite(id) : null;

        private protected override void WriteFields(ref SignedBytes bytes) => bytes.Id(InviteId);
    }

    /// <summary>The author, with a key that the log has never seen, joins by an invite.</summary>
    /// <param name="Proof">64 bytes by the invite key over <see cref="JoinProofText"/>.</param>
    public sealed record Join(string InviteId, string MemberId, ReadOnlyMemory<byte> Proof) : LogBody
    {
        public const string Name = "join";

        public override string Type => Name;

        internal static Join? Read(ref SignedFields fields) =>
            fields.TryId(out string id)
            && fields.TryId(out string member)
            && fields.TryBytes(WireLimits.SignatureBytes, out ReadOnlyMemory<byte> proof)
                ? new Join(id, member, proof)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Id(InviteId);
            bytes.Id(MemberId);
            bytes.Field(Proof.Span, WireLimits.SignatureBytes);
        }
    }
}
