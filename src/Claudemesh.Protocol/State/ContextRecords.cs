namespace Claudemesh.Protocol;

/// <summary>1.x: tells everybody, in clear, what one has found out; one for each member. Answered by <see cref="ContextShared"/>.</summary>
/// <param name="Summary">1 to 8,000 characters.</param>
/// <param name="FilesRead">At most 256 of 1,024 characters, as <paramref name="KeyFindings"/>.</param>
public sealed record ShareContext(string Summary, string[]? FilesRead = null, string[]? KeyFindings = null, string[]? Tags = null) : IRequest<ContextShared>, ILimited
{
    public const int SummaryCharsMax = 8_000;
    public const int EntriesMax = 256;

    public static string WireType => "share_context";

    string? ILimited.FindFault() =>
        (Summary.Length is >= 1 and <= SummaryCharsMax ? null : $"summary must be 1 to {SummaryCharsMax} characters")
        ?? NotEntries("filesRead", FilesRead)
        ?? NotEntries("keyFindings", KeyFindings)
        ?? PlainLimits.NotTags(Tags);

    private static string? NotEntries(string field, string[]? entries) => Limit.TooMany(field, entries, EntriesMax)
        ?? (entries is null || Array.TrueForAll(entries, entry => entry.Length <= WireLimits.PathCharsMax)
            ? null : $"{field} must have at most {WireLimits.PathCharsMax} characters each");
}

public sealed record ContextShared(string Id) : IMessage
{
    public static string WireType => "context_shared";
}

/// <summary>1.x: asks whose context has this text in its summary, or exactly this tag; answered by <see cref="ContextResults"/>.</summary>
public sealed record GetContext(string Query) : IRequest<ContextResults>
{
    public static string WireType => "get_context";
}

/// <param name="Contexts">The newest first, at most <see cref="CountMax"/>.</param>
public sealed record ContextResults(SharedContext[] Contexts) : IMessage, ILimited
{
    public const int CountMax = 20;

    public static string WireType => "context_results";

    string? ILimited.FindFault() => Limit.HasNull("contexts", Contexts);
}

public sealed record SharedContext(string PeerName, string Summary, string[] FilesRead, string[] KeyFindings, string[] Tags, DateTimeOffset UpdatedAt);

/// <summary>1.x: asks for everybody's context; answered by <see cref="ContextList"/>.</summary>
public sealed record ListContexts : IRequest<ContextList>
{
    public static string WireType => "list_contexts";
}

/// <param name="Contexts">The newest first; at most <see cref="CountMax"/>.</param>
public sealed record ContextList(ListedContext[] Contexts) : IMessage, ILimited
{
    public const int CountMax = 200;

    public static string WireType => "context_list";

    string? ILimited.FindFault() => Limit.HasNull("contexts", Contexts);
}

public sealed record ListedContext(string PeerName, string Summary, string[] Tags, DateTimeOffset UpdatedAt);
