namespace Claudemesh.Protocol;

public sealed record GrantsList(MemberGrant[] Grants) : IMessage, ILimited
{
    public static string WireType => "grants_list";

    string? ILimited.FindFault() => Limit.HasNull("grants", Grants);
}
