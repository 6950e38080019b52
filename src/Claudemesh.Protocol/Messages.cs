namespace Claudemesh.Protocol;

/// <summary>Anything that travels as one JSON object in one WebSocket message.</summary>
public interface IMessage
{
    /// <summary>The value of <c>type</c> on the wire.</summary>
    static abstract string WireType { get; }
}

/// <summary>A message from a peer that is answered by exactly one <typeparamref name="TReply"/> or one <c>error</c>.</summary>
public interface IRequest<TReply> : IMessage
    where TReply : IMessage;

/// <summary>A message from a peer that is not answered when it succeeds. A refusal is still told with an <c>error</c>.</summary>
public interface INotice : IMessage;

/// <summary>A message that the broker sends unasked.</summary>
public interface IEvent : IMessage;
