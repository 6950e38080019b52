using System.Diagnostics.CodeAnalysis;

namespace Claudemesh.Protocol;

/// <summary>
/// Whom a message is for, read from <c>targetSpec</c>. The wire carries the text; this is what it means (wire reference 4.1, and two forms of ours).
/// </summary>
public abstract record TargetSpec
{
    /// <summary>The longest <c>targetSpec</c> that is read at all.</summary>
    public const int CharsMax = 192;

    private TargetSpec()
    {
    }

    /// <summary>
    /// Reads a <c>targetSpec</c>. False for anything that can address nobody: display names, prefixes of keys, upper-case keys. Names are resolved
    /// by clients, never by the broker.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out TargetSpec? target)
    {
        target = text switch
        {
            "*" or "@all" => Everyone.Instance,
            ['@', .. var name] => GroupName.TryParse(Bounded(name), out GroupName group) ? new Group(group) : null,
            ['#', .. var topic] => WireId.IsValid(Bounded(topic)) ? new Topic(topic.ToString()) : null,
            ['t', 'a', 'g', ':', .. var name] => TagName.TryParse(Bounded(name), out TagName tag) ? new Tag(tag) : null,
            { Length: PublicKey.HexLength } => PublicKey.TryParse(text, out PublicKey key) ? new Direct(key) : null,
            { Length: 2 * PublicKey.HexLength } =>
                PublicKey.TryParse(text[..PublicKey.HexLength], out PublicKey member)
                && PublicKey.TryParse(text[PublicKey.HexLength..], out PublicKey session)
                    ? new MemberSession(member, session)
                    : null,
            _ => null,
        };
        return target is not null;

        static string? Bounded(ReadOnlySpan<char> name) => name.Length <= CharsMax ? name.ToString() : null;
    }

    /// <summary><c>*</c> or <c>@all</c>: every other member.</summary>
    public sealed record Everyone : TargetSpec
    {
        internal static readonly Everyone Instance = new();

        private Everyone()
        {
        }

        public override string ToString() => "*";
    }

    /// <summary><c>@name</c>: every other member who is in the group.</summary>
    public sealed record Group(GroupName Name) : TargetSpec
    {
        public override string ToString() => "@" + Name.Value;
    }

    /// <summary><c>tag:name</c>: every session of another member that has the tag.</summary>
    public sealed record Tag(TagName Name) : TargetSpec
    {
        public override string ToString() => "tag:" + Name.Value;
    }

    /// <summary><c>#id</c>: a topic.</summary>
    public sealed record Topic(string Id) : TargetSpec
    {
        public override string ToString() => "#" + Id;
    }

    /// <summary>64 hexadecimal digits: a member's key, or from 1.x a session's.</summary>
    public sealed record Direct(PublicKey Key) : TargetSpec
    {
        public override string ToString() => Key.ToString();
    }

    /// <summary>128 hexadecimal digits: one session of a member. Version 3 bodies only.</summary>
    public sealed record MemberSession(PublicKey Member, PublicKey Session) : TargetSpec
    {
        public override string ToString() => Member.ToString() + Session.ToString();
    }
}
