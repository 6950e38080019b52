using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>Answers one kind of request. One instance serves everybody: a handler keeps no state of a caller.</summary>
internal interface IRequestHandler<in TRequest, TReply>
    where TRequest : class, IRequest<TReply>
    where TReply : class, IMessage
{
    ValueTask<Reply<TReply>> HandleAsync(TRequest request, Caller caller, CancellationToken cancellationToken);
}

/// <summary>Acts on a message that has no answer when it succeeds; a returned error is told to the sender.</summary>
internal interface INoticeHandler<in TNotice>
    where TNotice : class, INotice
{
    ValueTask<MeshError?> HandleAsync(TNotice notice, Caller caller, CancellationToken cancellationToken);
}

/// <summary>
/// A message that comes before there is a caller: it makes one, or refuses. The handshakes of <c>/ws</c>, and nothing else.
/// </summary>
internal interface IHandshakeHandler<in THello>
    where THello : class, IMessage
{
    ValueTask HandleAsync(THello hello, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken);
}
