namespace Claudemesh.Protocol.Log;

/// <summary>What a member may do. A workspace has owner, admin and member; a topic's own log lead, member and observer.</summary>
public enum LogRole
{
    Member,
    Admin,
    Owner,
    Lead,
    Observer,
}

/// <summary>The words of the log's bodies, and nothing else: what is not here is refused.</summary>
internal static class LogWords
{
    internal static readonly (LogRole Value, string Word)[] Roles =
    [
        (LogRole.Member, "member"), (LogRole.Admin, "admin"), (LogRole.Owner, "owner"), (LogRole.Lead, "lead"), (LogRole.Observer, "observer"),
    ];

    internal static readonly (MemberKind Value, string Word)[] Kinds =
    [
        (MemberKind.Person, "person"), (MemberKind.Bot, "bot"), (MemberKind.Legacy, "legacy"),
    ];

    /// <summary>Whether bodies that the broker can read are refused.</summary>
    internal static readonly (bool Value, string Word)[] Encryption = [(true, "required"), (false, "mixed")];

    internal static readonly (bool Value, string Word)[] YesNo = [(true, "yes"), (false, "no")];

    /// <summary>Why a key changes; whether the old one may be in other hands.</summary>
    internal static readonly (bool Value, string Word)[] KeyReasons = [(true, "compromise"), (false, "migrate")];

    extension(ref Signing.SignedBytes bytes)
    {
        internal void Word<T>((T Value, string Word)[] words, T value)
        {
            int at = Array.FindIndex(words, word => EqualityComparer<T>.Default.Equals(word.Value, value));
            bytes.OneOf(at < 0 ? string.Empty : words[at].Word, at >= 0);
        }

        internal void Reason(string reason) => bytes.OneOf(reason, reason.Length <= WireLimits.ReasonCharsMax);
    }

    extension(ref Signing.SignedFields fields)
    {
        internal bool TryWord<T>((T Value, string Word)[] words, out T value)
        {
            value = default!;
            if (!fields.TryText(out string text))
                return false;

            int at = Array.FindIndex(words, word => string.Equals(word.Word, text, StringComparison.Ordinal));
            if (at >= 0)
                value = words[at].Value;
            return at >= 0;
        }

        internal bool TryReason(out string reason) => fields.TryText(out reason) && reason.Length <= WireLimits.ReasonCharsMax;

        internal bool TryBytes(int size, out ReadOnlyMemory<byte> value)
        {
            bool read = fields.TryField(size, out ReadOnlySpan<byte> found);
            value = read ? found.ToArray() : default(ReadOnlyMemory<byte>);
            return read;
        }
    }
}
