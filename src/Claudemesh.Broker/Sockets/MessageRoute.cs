using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Handshake;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>One row of the dispatch table: asks for permission, parses, calls the handler and sends its reply.</summary>
internal abstract class MessageRoute
{
    /// <summary>Frame and request id stay valid until the returned task has ended.</summary>
    public abstract ValueTask InvokeAsync(
        ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken);

    /// <summary>The caller, if there is one and the table of permissions lets it; else the refusal has been sent.</summary>
    protected static Caller? Admit(SocketConnection connection, Operation operation, ReadOnlyMemory<byte> requestId)
    {
        MeshError? refusal = connection.Caller switch
        {
            null => MeshError.NoHello,
            { } caller => Permissions.Refuse(caller, operation),
        };

        if (refusal is not null)
            connection.Refuse(refusal, requestId.Span);

        return refusal is null ? connection.Caller : null;
    }

    protected static T? Parse<T>(ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId)
        where T : class, IMessage
    {
        if (FrameReader.TryRead(frame.Span, out T? message, out MeshError? refusal))
            return message;

        string? id = FrameHead.TryScan(frame.Span, out FrameHead head) ? head.FindId(frame.Span) : null;
        connection.Refuse(refusal, requestId.Span, id);
        return null;
    }
}

internal sealed class RequestRoute<TRequest, TReply>(Operation operation, IRequestHandler<TRequest, TReply> handler) : MessageRoute
    where TRequest : class, IRequest<TReply>
    where TReply : class, IMessage
{
    public override async ValueTask InvokeAsync(
        ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        if (Admit(connection, operation, requestId) is not { } caller || Parse<TRequest>(frame, connection, requestId) is not { } request)
            return;

        Reply<TReply> reply = await handler.HandleAsync(request, caller, cancellationToken);
        if (reply.Error is { } error)
            connection.Refuse(error, requestId.Span);
        else if (reply.Value is { } value)
            connection.Reply(value, requestId.Span);

        reply.Again?.Invoke(connection, requestId);
        reply.Afterwards?.Invoke();
    }
}

internal sealed class NoticeRoute<TNotice>(Operation operation, INoticeHandler<TNotice> handler) : MessageRoute
    where TNotice : class, INotice
{
    public override async ValueTask InvokeAsync(
        ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        if (Admit(connection, operation, requestId) is not { } caller || Parse<TNotice>(frame, connection, requestId) is not { } notice)
            return;

        if (await handler.HandleAsync(notice, caller, cancellationToken) is { } error)
            connection.Refuse(error, requestId.Span);
    }
}

internal sealed class HandshakeRoute<THello>(IHandshakeHandler<THello> handler) : MessageRoute
    where THello : class, IMessage
{
    public override async ValueTask InvokeAsync(
        ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        // A second hello would leave the first presence without an owner (wire reference 7.2, 11).
        if (connection.Caller is not null)
            connection.Refuse(MeshError.AlreadySaidHello, requestId.Span);
        else if (FrameReader.TryRead(frame.Span, out THello? hello, out MeshError? wrong))
            await handler.HandleAsync(hello, connection, requestId, cancellationToken);
        else
            await Refusals.CloseAsync(connection, MeshError.Malformed.With(wrong.Message), requestId);
    }
}
