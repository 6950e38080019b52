namespace Claudemesh.Protocol;

/// <summary>1.x: keeps a text for everybody, in clear; answered by <see cref="MemoryStored"/>. Ours is <see cref="ObjectPut"/> of the kind <c>memory</c>.</summary>
public sealed record Remember(string Content, string[]? Tags = null) : IRequest<MemoryStored>, ILimited
{
    public static string WireType => "remember";

    string? ILimited.FindFault() => (Content.Length > 0 ? null : "content must not be empty") ?? PlainLimits.NotTags(Tags);
}

/// <param name="MemoryId">The same again: original daemons wait for this name.</param>
public sealed record MemoryStored(string Id, string MemoryId) : IMessage
{
    public static string WireType => "memory_stored";
}

/// <summary>1.x: searches the texts that 1.x clients have kept; answered by <see cref="MemoryResults"/>. Any text is a query; its words count.</summary>
public sealed record Recall(string Query) : IRequest<MemoryResults>
{
    public static string WireType => "recall";
}

/// <param name="Memories">The best first, at most <see cref="CountMax"/>.</param>
public sealed record MemoryResults(RecalledMemory[] Memories) : IMessage, ILimited
{
    public const int CountMax = 20;

    public static string WireType => "memory_results";

    string? ILimited.FindFault() => Limit.HasNull("memories", Memories);
}

public sealed record RecalledMemory(string Id, string Content, string[] Tags, string RememberedBy, DateTimeOffset RememberedAt);

/// <summary>The same as <see cref="MemoryResults"/> once more, for original daemons, which wait for this name.</summary>
public sealed record MemoryRecallResult(RecalledMemory[] Matches) : IMessage, ILimited
{
    public static string WireType => "memory_recall_result";

    string? ILimited.FindFault() => Limit.HasNull("matches", Matches);
}

/// <summary>1.x: takes a kept text away; answered by an empty <see cref="Ack"/>, also when there is none of this id.</summary>
public sealed record Forget(string MemoryId) : IRequest<Ack>, ILimited
{
    public static string WireType => "forget";

    string? ILimited.FindFault() => ObjectLimits.NotText("memoryId", MemoryId);
}

internal static class PlainLimits
{
    public static string? NotTags(string[]? tags) => Limit.TooMany("tags", tags, WireLimits.TagsMax)
        ?? (tags is null || Array.TrueForAll(tags, tag => tag.Length is >= 1 and <= TagName.CharsMax) ? null : $"tags must have 1 to {TagName.CharsMax} characters each");
}
