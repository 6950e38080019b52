namespace Claudemesh.Protocol;

/// <content>Refusals that the delivery core alone can give.</content>
public sealed partial record MeshError
{
    public static MeshError SenderRemoved { get; } =
        new("sender_removed", "Sending is forbidden: you are no longer a member of this workspace. Ask an admin to admit you.", 403);

    public static MeshError RecipientRemoved { get; } =
        new("recipient_removed", "The target is invalid: this member is no longer in the workspace. List the members.", 410);

    /// <summary>A 1.x session drops what carries its own key without acknowledging it, so it would come again for ever.</summary>
    public static MeshError OwnSession { get; } =
        new("own_session", "The target is invalid: a session cannot write to itself. Write to the member or to another session.", 400);

    /// <summary>Another node owns the workspace now; what was not acknowledged was not kept.</summary>
    public static MeshError WorkspaceMoved { get; } =
        new("workspace_moved", "The workspace is served elsewhere now. Connect and try again.", 503) { Retryable = true };
}
