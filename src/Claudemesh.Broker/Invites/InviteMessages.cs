using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

internal static class InviteMessages
{
    public static MessageRoutes MapInvites(this MessageRoutes routes) => routes
        .Handle<InviteCreateHandler, InviteCreate, InviteCreated>(Operation.Invite)
        .Handle<ListInvitesHandler, ListInvites, InvitesList>(Operation.AdministerInvites)
        .Handle<InviteRevokeHandler, InviteRevoke, InviteEnded>(Operation.AdministerInvites)
        .Handle<InviteMailHandler, InviteMail, InviteMailed>(Operation.AdministerInvites);
}
