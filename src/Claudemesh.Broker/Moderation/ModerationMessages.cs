using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

internal static class ModerationMessages
{
    public static MessageRoutes MapModeration(this MessageRoutes routes) => routes
        .Handle<KickHandler, Kick, KickAck>(Operation.Moderate)
        .Handle<DisconnectHandler, Disconnect, DisconnectAck>(Operation.Moderate)
        .Handle<BanHandler, Ban, BanAck>(Operation.Moderate)
        .Handle<UnbanHandler, Unban, UnbanAck>(Operation.Moderate)
        .Handle<ListBansHandler, ListBans, ListBansResult>(Operation.Moderate)
        .Handle<LeaveWorkspaceHandler, LeaveWorkspace, WorkspaceLeft>(Operation.LeaveWorkspace);
}
