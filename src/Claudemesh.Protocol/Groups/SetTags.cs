namespace Claudemesh.Protocol;

/// <summary>Replaces the tags of a peer; answered by <see cref="TagsSet"/>.</summary>
/// <param name="Tags">At most 32.</param>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
public sealed record SetTags(TagName[] Tags, SessionId? SessionId = null) : IRequest<TagsSet>, ILimited
{
    public static string WireType => "set_tags";

    string? ILimited.FindFault() => Limit.TooMany("tags", Tags, WireLimits.TagsMax);
}
