using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

internal static class WorkspaceMessages
{
    public static MessageRoutes MapWorkspaces(this MessageRoutes routes) => routes
        .Handle<ListMembersHandler, ListMembers, MembersList>(Operation.ListMembers)
        .Handle<MeshInfoHandler, MeshInfo, MeshInfoResult>(Operation.ListPeers)
        .Handle<RenameWorkspaceHandler, RenameWorkspace, WorkspaceRenamed>(Operation.RenameWorkspace)
        .Handle<ArchiveWorkspaceHandler, ArchiveWorkspace, WorkspaceArchived>(Operation.EndWorkspace)
        .Handle<DeleteWorkspaceHandler, DeleteWorkspace, WorkspaceDeleted>(Operation.EndWorkspace);
}
