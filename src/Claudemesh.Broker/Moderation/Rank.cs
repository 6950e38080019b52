using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Says in words what the table of permissions refuses against somebody.</summary>
internal static class Rank
{
    /// <param name="word">What is to be done, as in "only the owner may kick an admin".</param>
    public static MeshError? Refuse(Caller caller, MeshMember other, string word)
    {
        if (Permissions.AllowAgainst(caller.Role, other.Role))
            return null;

        string why = other.Role == MemberRole.Owner
            ? $"{other.DisplayName} owns {caller.Workspace.Row.Slug}, and to {word} the owner is forbidden for everybody."
            : $"{other.DisplayName} is an admin of {caller.Workspace.Row.Slug}, and to {word} an admin is forbidden for all but the owner.";
        return MeshError.Forbidden.With(why);
    }
}
