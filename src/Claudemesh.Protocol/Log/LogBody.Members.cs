using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Log;

public abstract partial record LogBody
{
    /// <summary>Lets a key in, or in again: nothing else brings a removed key back.</summary>
    public sealed record Admit(string MemberId, PublicKey Key, LogRole As, MemberKind Kind) : LogBody
    {
        public const string Name = "admit";

        public override string Type => Name;

        internal static Admit? Read(ref SignedFields fields) =>
            fields.TryId(out string id)
            && fields.TryKey(out PublicKey key)
            && fields.TryWord(LogWords.Roles, out LogRole role)
            && fields.TryWord(LogWords.Kinds, out MemberKind kind)
                ? new Admit(id, key, role, kind)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Id(MemberId);
            bytes.Key(Key);
            bytes.Word(LogWords.Roles, As);
            bytes.Word(LogWords.Kinds, Kind);
        }
    }

    /// <summary>Gives a member another role. <c>owner</c> hands the workspace over: its author is an admin afterwards.</summary>
    public sealed record Role(PublicKey Key, LogRole Becomes) : LogBody
    {
        public const string Name = "role";

        public override string Type => Name;

        internal static Role? Read(ref SignedFields fields) =>
            fields.TryKey(out PublicKey key) && fields.TryWord(LogWords.Roles, out LogRole role) ? new Role(key, role) : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Key(Key);
            bytes.Word(LogWords.Roles, Becomes);
        }
    }

    /// <summary>A member leaves or is removed. Ends every open invite and makes a rotation due.</summary>
    /// <param name="Reason">What is shown; <see cref="Banned"/> says that the account is to stay out at the broker too.</param>
    public sealed record Remove(PublicKey Key, string Reason) : LogBody
    {
        public const string Name = "remove";

        /// <summary>The reason of a ban. For the log a ban is a removal: only an <see cref="Admit"/> brings anybody back.</summary>
        public const string Banned = "banned";

        public override string Type => Name;

        internal static Remove? Read(ref SignedFields fields) =>
            fields.TryKey(out PublicKey key) && fields.TryReason(out string reason) ? new Remove(key, reason) : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Key(Key);
            bytes.Reason(Reason);
        }
    }

    /// <summary>The author's member goes on under another key.</summary>
    /// <param name="NewSignature">64 bytes by the new key over <see cref="KeyProofText"/>.</param>
    /// <param name="Compromised"><c>compromise</c>, which makes a rotation due, or <c>migrate</c>.</param>
    public sealed record KeyChange(PublicKey NewKey, ReadOnlyMemory<byte> NewSignature, bool Compromised) : LogBody
    {
        public const string Name = "key";

        public override string Type => Name;

        internal static KeyChange? Read(ref SignedFields fields) =>
            fields.TryKey(out PublicKey key)
            && fields.TryBytes(WireLimits.SignatureBytes, out ReadOnlyMemory<byte> signature)
            && fields.TryWord(LogWords.KeyReasons, out bool compromised)
                ? new KeyChange(key, signature, compromised)
                : null;

        private protected override void WriteFields(ref SignedBytes bytes)
        {
            bytes.Key(NewKey);
            bytes.Field(NewSignature.Span, WireLimits.SignatureBytes);
            bytes.Word(LogWords.KeyReasons, Compromised);
        }
    }
}
