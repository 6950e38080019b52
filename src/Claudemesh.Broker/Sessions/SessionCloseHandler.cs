using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sessions;

/// <summary>A session has ended: it is gone at once, without a grace. Closing one that is not open succeeds.</summary>
internal sealed class SessionCloseHandler(SessionAddresses sessions) : IRequestHandler<SessionClose, SessionClosed>
{
    public async ValueTask<Reply<SessionClosed>> HandleAsync(SessionClose request, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Connection is { } connection && connection.FindSession(request.SessionId) is { } reader)
        {
            connection.RemoveReader(reader.No);
            caller.Workspace.Loop.Post(new Detach(connection.No, reader.No));
            if (reader.Peer is { } peer && caller.Workspace.Roster.Take(peer))
                caller.Workspace.News.Left([peer]);

            await sessions.CloseAsync(caller.Workspace, reader.Owner, cancellationToken);
        }

        return new SessionClosed(request.SessionId);
    }
}
