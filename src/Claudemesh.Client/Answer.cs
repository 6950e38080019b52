using System.Diagnostics.CodeAnalysis;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

public enum AnswerOutcome
{
    /// <summary>The broker replied.</summary>
    Replied,

    /// <summary>The broker refused, and said why.</summary>
    Refused,

    /// <summary>No reply came in time. The request may have been carried out.</summary>
    TimedOut,

    /// <summary>There was no connection, or it was lost before the reply. In the second case the request may have been carried out.</summary>
    Disconnected,
}

/// <summary>What became of a request. Only <see cref="AnswerOutcome.Replied"/> has a value: silence never looks like an empty reply.</summary>
/// <param name="Refusal">Set exactly when refused.</param>
public sealed record Answer<T>(AnswerOutcome Outcome, T? Value, ErrorReply? Refusal)
    where T : class
{
    public bool TryGet([NotNullWhen(true)] out T? value)
    {
        value = Value;
        return Outcome is AnswerOutcome.Replied && value is not null;
    }
}

internal static class Answer
{
    internal static Answer<T> TimedOut<T>()
        where T : class => new(AnswerOutcome.TimedOut, null, null);

    internal static Answer<T> Disconnected<T>()
        where T : class => new(AnswerOutcome.Disconnected, null, null);

    internal static Answer<T> Replied<T>(T value)
        where T : class => new(AnswerOutcome.Replied, value, null);

    internal static Answer<T> Refused<T>(ErrorReply refusal)
        where T : class => new(AnswerOutcome.Refused, null, refusal);
}
