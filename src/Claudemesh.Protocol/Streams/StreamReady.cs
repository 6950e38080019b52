namespace Claudemesh.Protocol;

/// <summary>The first event of a stream. Its id is the place where the stream begins, so that who loses it at once can go on from there.</summary>
/// <param name="Topic">Null on the stream of all topics.</param>
/// <param name="TopicId">Null on the stream of all topics.</param>
public sealed record StreamReady(DateTimeOffset ConnectedAt, TopicName? Topic = null, string? TopicId = null);
