namespace Claudemesh.Protocol;

/// <content>Refusals that have to do with accounts, sessions and tokens.</content>
public sealed partial record MeshError
{
    public static MeshError SignInRequired { get; } =
        new("sign_in_required", "This is forbidden without an account. Sign in on the page, or with claudemesh login.", 401);

    /// <summary>Forged, over, of an ended session or a deleted account: which of them is not told.</summary>
    public static MeshError TokenInvalid { get; } =
        new("token_invalid", "The token is invalid: it is over, or its session has ended. Refresh it, or sign in again.", 401);

    public static MeshError FreshAuthenticationRequired { get; } =
        new("fresh_authentication_required", "This is forbidden until you have proved again that it is you. Give your passkey or password and repeat it.", 403);

    /// <summary>The browser's cookie came without what only the broker's own page knows.</summary>
    public static MeshError CsrfRefused { get; } =
        new("csrf_refused", "This is forbidden: it was not sent by the broker's own page. Reload the page and try again.", 403);

    public static MeshError CredentialNotEnough { get; } =
        new("credential_not_enough", "This is forbidden with what you came with: it takes an account that is signed in. Sign in on the page, or with claudemesh login.", 403);

    /// <summary>The account has several workspaces, or none, and the request does not say which it is about.</summary>
    public static MeshError WorkspaceHeaderRequired { get; } =
        new("workspace_required", "The request is invalid without a workspace. Name one in the header X-Workspace, by its slug or its id.", 400);

    public static MeshError NotYourWorkspace { get; } =
        new("not_your_workspace", "The workspace is invalid: your account is in none of this name or id. Join it, or look at GET /api/my/meshes.", 404);

    /// <summary>A second proof of an account that it is a member of a workspace, with another key than the first.</summary>
    public static MeshError AlreadyMember { get; } =
        new("already_member", "This is forbidden: your account is a member of this workspace under another key, or that member belongs to another account.", 409);
}
