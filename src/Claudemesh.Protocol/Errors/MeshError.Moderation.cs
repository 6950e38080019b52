namespace Claudemesh.Protocol;

/// <content>Refusals of running a workspace, and what those are told who are taken off.</content>
public sealed partial record MeshError
{
    /// <summary>Told to our clients before their connection is closed with 4001.</summary>
    public static MeshError Kicked { get; } =
        new("kicked", "An admin ended this connection; to connect again by itself is forbidden. Its person decides when it comes back.", 403);

    /// <summary>There is no other owner who could look after the members.</summary>
    public static MeshError OwnerMustStay { get; } =
        new("owner_must_stay", "Leaving is forbidden for the owner while the workspace has other members. Ban them first, or stay.", 403);

    /// <summary>Grants are about others.</summary>
    public static MeshError OwnGrant { get; } =
        new("own_grant", "The target is invalid: a member grants itself nothing and cannot block itself. Name another member.", 400);

    /// <summary>The name or the beginning of a key fits several members or peers.</summary>
    public static MeshError AmbiguousTarget { get; } =
        new("ambiguous_target", "The target is invalid: it could mean several. Use the key of one, or more of it.", 409);
}
