using System.Diagnostics.CodeAnalysis;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>What a handler came to: an answer, a refusal, or "submitted": the delivery core will answer.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
internal readonly struct Reply<T>
    where T : class, IMessage
{
    private Reply(T? value, MeshError? error, Action? afterwards = null, Action<SocketConnection, ReadOnlyMemory<byte>>? again = null)
    {
        Value = value;
        Error = error;
        Afterwards = afterwards;
        Again = again;
    }

    /// <summary>The answer; null when <see cref="Error"/> is set, or when the core will answer.</summary>
    public T? Value { get; }

    public MeshError? Error { get; }

    /// <summary>To be done once the answer is in the connection's queue, such as closing it.</summary>
    public Action? Afterwards { get; }

    /// <summary>Sends the answer once more under another name, with the same request id: some 1.x clients wait for that one.</summary>
    public Action<SocketConnection, ReadOnlyMemory<byte>>? Again { get; }

    public static Reply<T> Submitted => default;

    /// <summary>An answer after which the connection may be closed.</summary>
    public static Reply<T> Last(T value, Action afterwards) => new(value, null, afterwards);

    /// <param name="again">The same in the form of another message.</param>
    public static Reply<T> Twice<TAgain>(T value, TAgain again)
        where TAgain : class, IMessage => new(value, null, again: (connection, requestId) => connection.Reply(again, requestId.Span));

    public static implicit operator Reply<T>(T value) => new(value, null);

    public static implicit operator Reply<T>(MeshError error) => new(default, error);
}
