namespace Claudemesh.Protocol;

/// <summary>Asks who belongs to the workspace, present or not; answered by <see cref="MembersList"/>.</summary>
public sealed record ListMembers : IRequest<MembersList>
{
    public static string WireType => "list_members";
}
