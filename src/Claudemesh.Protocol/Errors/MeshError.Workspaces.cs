namespace Claudemesh.Protocol;

/// <content>Refusals of joining, inviting and creating. 1.x tells the codes in <c>error</c> of the 400 answer to <c>POST /join</c>.</content>
public sealed partial record MeshError
{
    public static MeshError InviteBadSignature { get; } =
        new("invite_bad_signature", "The invite is invalid: its signature is not by the workspace's owner. Ask for a new link.", 400);

    public static MeshError MeshNotFound { get; } =
        new("mesh_not_found", "The invite is invalid: this broker has no such workspace. Check the link's host.", 400);

    public static MeshError MeshMissingOwnerKey { get; } =
        new("mesh_missing_owner_key", "The invite is invalid: the workspace has no owner key to check it with. Tell its owner.", 400);

    public static MeshError InviteOwnerMismatch { get; } =
        new("invite_owner_mismatch", "The invite is invalid: it names another owner than the workspace has. Ask for a new link.", 400);

    public static MeshError InviteNotFound { get; } =
        new("invite_not_found", "The invite is invalid: this broker does not have it. Ask for a new link.", 400);

    public static MeshError InviteMeshMismatch { get; } =
        new("invite_mesh_mismatch", "The invite is invalid: it was made for another workspace. Ask for a new link.", 400);

    public static MeshError InviteRevoked { get; } =
        new("invite_revoked", "The invite is invalid: it was withdrawn. Ask for a new link.", 400);

    public static MeshError InviteExpired { get; } =
        new("invite_expired", "The invite is invalid: its time has passed. Ask for a new link.", 400);

    public static MeshError InviteExhausted { get; } =
        new("invite_exhausted", "The invite is invalid: it has been used as often as it may be. Ask for a new link.", 400);

    public static MeshError MemberInsertFailed { get; } =
        new("member_insert_failed", "The broker failed to add the member. Try again.", 400) { Retryable = true };

    /// <summary>The proof that the joiner holds its key is missing its time, too old or wrong.</summary>
    public static MeshError BadPossession { get; } =
        new("bad_possession", "The possession proof is invalid for this key, token and time. Sign it anew and check the clock.", 400);

    /// <summary>A removed member comes back only when an admin admits it.</summary>
    public static MeshError MemberRemoved { get; } =
        new("member_removed", "Joining is forbidden for this key: it was removed from the workspace. Ask an admin to admit it.", 403);

    public static MeshError MeshIdTaken { get; } =
        new("mesh_id_taken", "The mesh_id is invalid: another workspace has it. Make a new one.", 409);

    public static MeshError SlugUnavailable { get; } =
        new("slug_unavailable", "The slug is invalid: it and its numbered forms are taken. Choose another.", 409);

    public static MeshError CreationClosed { get; } =
        new("creation_closed", "Making workspaces is forbidden on this broker. Ask its operator.", 403);

    /// <summary>A key that is no member's here.</summary>
    public static MeshError MemberNotFound { get; } =
        new("member_not_found", "The memberPub is invalid: no member of this workspace has that key. Join the workspace with it first.", 404);

    /// <summary>Letters of one workspace, so that it is no way to write to many who did not ask for it.</summary>
    public static MeshError InviteMailRate { get; } =
        new("invite_mail_rate", "Too many letters from this workspace. Wait some minutes and try again, or give the link yourself.", 429) { Retryable = true };

    /// <summary>Said to whoever would write, post or let somebody in; 1.x has this code for invites.</summary>
    public static MeshError WorkspaceArchived { get; } =
        new("mesh_archived", "This is forbidden while the workspace is archived: it can only be read. Its owner can bring it back.", 403);

    /// <summary>Its owner has deleted it, or has left it as the last one.</summary>
    public static MeshError WorkspaceEnded { get; } =
        new("workspace_ended", "The workspace is gone, so the request is invalid: its owner has ended it for everybody. Leave it on this machine.", 410);

    /// <summary>What was typed to confirm is not the name.</summary>
    public static MeshError NotConfirmed { get; } =
        new("not_confirmed", "The confirmation is invalid: type the workspace's short name exactly. Nothing was deleted.", 400);

    public static MeshError InviteExists { get; } =
        new("invite_exists", "The token is invalid: an invite with it is already there. Make a new one.", 409);
}
