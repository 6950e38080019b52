using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>The workspaces of an account.</summary>
internal static class MyMeshRoutes
{
    public static RestRoutes MapMyMeshes(this RestRoutes routes) => routes
        .Add(new("GET", "/meshes", Operation.ReadAccount, KeyReach.Workspace,
            "Lists the workspaces in which a member is yours.", call => call.Get<MyMeshesEndpoint>().ListAsync(call))
        {
            Root = RestRoutes.My,
            Reply = typeof(MyMeshes),
        })
        .Add(new("PUT", $"/meshes/{{{MyMeshesEndpoint.Id}}}", Operation.ClaimMembers, KeyReach.Workspace,
            "Says that a member of a workspace is yours, with a proof by its key. Repeating it changes nothing.", call => call.Get<MyMeshesEndpoint>().ClaimAsync(call))
        {
            Root = RestRoutes.My,
            Body = typeof(MemberClaim),
            Reply = typeof(MyMesh),
            Refusals =
            [
                MeshError.NotYourWorkspace, MeshError.BadPossession, MeshError.MemberNotFound, MeshError.MemberRemoved, MeshError.AlreadyMember,
            ],
        })
        .Add(new("POST", "/account-invites", Operation.SecureAccount, KeyReach.Workspace,
            "Lets somebody make an account who is invited to no workspace. For operators.", call => call.Get<MakeAccountInviteEndpoint>().HandleAsync(call))
        {
            Root = RestRoutes.My,
            Body = typeof(MakeAccountInvite),
            Reply = typeof(AccountInviteMade),
            Status = 201,
            Refusals = [MeshError.FreshAuthenticationRequired, MeshError.Forbidden],
        });
}
