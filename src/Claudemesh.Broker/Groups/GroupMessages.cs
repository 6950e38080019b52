using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Groups;

internal static class GroupMessages
{
    public static MessageRoutes MapGroups(this MessageRoutes routes) => routes
        .Notice<JoinGroupHandler, JoinGroup>(Operation.ChangeOwnPresence)
        .Notice<LeaveGroupHandler, LeaveGroup>(Operation.ChangeOwnPresence)
        .Handle<SetTagsHandler, SetTags, TagsSet>(Operation.ChangeOwnPresence);
}
