namespace Claudemesh.Protocol;

/// <summary>The tags are set, in the order given and each once.</summary>
public sealed record TagsSet(TagName[] Tags) : IMessage
{
    public static string WireType => "tags_set";
}
