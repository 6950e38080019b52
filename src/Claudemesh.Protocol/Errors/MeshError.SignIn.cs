namespace Claudemesh.Protocol;

/// <content>Refusals of whoever wants to prove who he is.</content>
public sealed partial record MeshError
{
    public static MeshError SetupLinkInvalid { get; } =
        new("setup_link_invalid", "The set-up link is invalid: it was used, or the broker has printed another since. Restart the broker and open the link that it prints.", 403);

    public static MeshError SignUpClosed { get; } =
        new("sign_up_closed", "Making an account is forbidden on this broker. Ask who runs it.", 403);

    public static MeshError InviteRequired { get; } =
        new("invite_required", "Making an account is forbidden without an open invite. Ask somebody who is on this broker for one.", 403);

    public static MeshError UsernameTaken { get; } =
        new("username_taken", "The username is invalid: somebody has it, or one that looks like it. Choose another.", 409);

    public static MeshError PasswordRefused { get; } =
        new("password_refused", "The password is invalid: it is too easily guessed. Take another, such as four or more words.", 400);

    /// <summary>No such name, no password, or a wrong one: which of them is not told.</summary>
    public static MeshError SignInFailed { get; } =
        new("sign_in_failed", "The name or the password is invalid. Try again, or use a passkey.", 401);

    /// <summary>After wrong passwords or codes; said alike of names that exist and of those that do not.</summary>
    public static MeshError SignInWait { get; } =
        new("sign_in_wait", "Too many wrong attempts. Wait as long as Retry-After says and try again, or use a passkey.", 429) { Retryable = true };

    public static MeshError SignInBusy { get; } =
        new("sign_in_busy", "Too many people sign in at this moment. Try again in some seconds.", 503) { Retryable = true };

    public static MeshError CeremonyInvalid { get; } =
        new("ceremony_invalid", "The ceremony is invalid: it is over, was used, or began in another browser. Begin again.", 400);

    public static MeshError PasskeyRefused { get; } =
        new("passkey_refused", "The passkey is invalid here. Try again, or take another way to sign in.", 401);

    /// <summary>The body has what the passkey derives, which opens the recovery of the account secret.</summary>
    public static MeshError PasskeySecretSent { get; } =
        new("passkey_secret_sent", "The credential is invalid: it has a secret in it that the broker must not see. Empty clientExtensionResults before sending, and forget that recovery.", 400);

    public static MeshError PasskeyNotFound { get; } =
        new("passkey_not_found", "The id is invalid: your account has no such passkey. List them with GET /api/my/account.", 404);

    public static MeshError TooManyPasskeys { get; } =
        new("too_many_passkeys", "Another passkey is invalid now: an account has at most 20. Remove one.", 409);

    public static MeshError LastWayIn { get; } =
        new("last_way_in", "This is forbidden: it is the last way to sign in to your account. Add another first.", 409);

    public static MeshError CodeInvalid { get; } =
        new("code_invalid", "The code is invalid: it is wrong, over or used. Wait for the next one, and check the clock of the device that shows it.", 401);

    public static MeshError TotpNotBegun { get; } =
        new("totp_not_begun", "The request is invalid: there is no authenticator to confirm. Begin with POST /api/my/totp.", 409);

    public static MeshError TotpExists { get; } =
        new("totp_exists", "The request is invalid: the account has an authenticator. Remove it first.", 409);

    public static MeshError PasswordMissing { get; } =
        new("password_missing", "The request is invalid: a second factor goes with a password, and the account has none. Set one first.", 409);

    public static MeshError ConfirmationWrong { get; } =
        new("confirmation_wrong", "The confirmation is invalid: type the username of the account as it is written.", 400);

    public static MeshError OwnsWorkspaces { get; } =
        new("owns_workspaces", "Deleting is forbidden while the account owns workspaces. Transfer or delete them first.", 409);

    public static MeshError OidcAbsent { get; } =
        new("oidc_absent", "The path is invalid: nobody else vouches for people on this broker. Sign in with a passkey or a password.", 404);

    public static MeshError OidcRefused { get; } =
        new("oidc_refused", "The sign-in elsewhere is invalid here: it was given up, or its provider could not be believed. Try again, or take another way.", 401);

    public static MeshError OidcLinkedElsewhere { get; } =
        new("oidc_linked_elsewhere", "Linking is forbidden: that person of the provider is another account here. Sign in as that one and remove it.", 409);

    public static MeshError MailAbsent { get; } =
        new("mail_absent", "The request is invalid: this broker sends no mail. Ask who runs it to set CLAUDEMESH_SMTP.", 409);

    public static MeshError MailLinkInvalid { get; } =
        new("mail_link_invalid", "The link is invalid: it was used, is over, or the address has changed since. Ask for another.", 400);
}
