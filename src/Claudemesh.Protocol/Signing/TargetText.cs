namespace Claudemesh.Protocol.Signing;

/// <summary>
/// How a signed header names whom a message is for: a kind and an address. Direct: a member's key, and a session's key that is an address
/// only. Topic: its id. Group and tag: the name. Broadcast: <c>*</c> (keys.md 6).
/// </summary>
internal static class TargetText
{
    internal static string KindOf(TargetSpec target) => target switch
    {
        TargetSpec.Direct or TargetSpec.MemberSession => "direct",
        TargetSpec.Topic => "topic",
        TargetSpec.Group => "group",
        TargetSpec.Tag => "tag",
        _ => "broadcast",
    };

    internal static void WriteAddress(ref SignedBytes bytes, TargetSpec target)
    {
        switch (target)
        {
            case TargetSpec.Direct direct:
                bytes.Key(direct.Key);
                break;
            case TargetSpec.MemberSession session:
                Span<byte> keys = stackalloc byte[2 * PublicKey.Size];
                session.Member.Span.CopyTo(keys);
                session.Session.Span.CopyTo(keys[PublicKey.Size..]);
                bytes.Field(keys);
                break;
            case TargetSpec.Topic topic:
                bytes.Id(topic.Id);
                break;
            case TargetSpec.Group group:
                bytes.OneOf(group.Name.Value, group.Name.Value.Length > 0);
                break;
            case TargetSpec.Tag tag:
                bytes.OneOf(tag.Name.Value, tag.Name.Value.Length > 0);
                break;
            default:
                bytes.Text("*");
                break;
        }
    }

    internal static bool TryRead(ref SignedFields fields, string kind, out TargetSpec? target)
    {
        target = null;
        if (kind is "direct")
            return TryReadKeys(ref fields, out target);
        if (!fields.TryText(out string name))
            return false;

        switch (kind)
        {
            case "topic" when WireId.IsValid(name):
                target = new TargetSpec.Topic(name);
                break;
            case "group" when GroupName.TryParse(name, out GroupName group):
                target = new TargetSpec.Group(group);
                break;
            case "tag" when TagName.TryParse(name, out TagName tag):
                target = new TargetSpec.Tag(tag);
                break;
            case "broadcast" when name is "*":
                return TargetSpec.TryParse(name, out target);
        }

        return target is not null;
    }

    private static bool TryReadKeys(ref SignedFields fields, out TargetSpec? target)
    {
        target = null;
        if (!fields.TryField(out ReadOnlySpan<byte> keys) || keys.Length is not (PublicKey.Size or 2 * PublicKey.Size))
            return false;

        PublicKey member = new(keys[..PublicKey.Size]);
        target = keys.Length == PublicKey.Size
            ? new TargetSpec.Direct(member)
            : new TargetSpec.MemberSession(member, new PublicKey(keys[PublicKey.Size..]));
        return true;
    }
}
