namespace Claudemesh.Protocol;

/// <content>Refusals of tokens. Those of OAuth have the codes of RFC 6749 and 8628, and leave as these say: <c>error</c> and <c>error_description</c>.</content>
public sealed partial record MeshError
{
    public static MeshError TokenMissingScope { get; } =
        new("token_missing_scope", "This is forbidden for this personal token: it does not have the scope. Make one that has it.", 403);

    public static MeshError TokenOtherWorkspace { get; } =
        new("token_other_workspace", "This is forbidden for this personal token: it was made for another workspace. Make one for this.", 403);

    public static MeshError TokenNotFound { get; } =
        new("token_not_found", "The id is invalid: you have no such token. List the tokens.", 404);

    public static MeshError TooManyTokens { get; } =
        new("too_many_tokens", "Another token is invalid now: an account has at most 50 that are not over. Revoke some.", 429);

    public static MeshError LoginSessionNotFound { get; } =
        new("session_not_found", "The id is invalid: you are signed in nowhere under it. List the sessions.", 404);

    /// <summary>Whoever has no credential yet: signing in, refreshing, asking for a device.</summary>
    public static MeshError AddressRate { get; } =
        new("address_rate", "Too many requests from this address. Wait as long as Retry-After says and try again.", 429) { Retryable = true };

    public static MeshError OAuthInvalidRequest { get; } =
        new("invalid_request", "The request is invalid: it is no form, or a field is missing or given twice. See docs/accounts.md.", 400);

    public static MeshError OAuthUnsupportedGrant { get; } =
        new("unsupported_grant_type", "The grant_type is invalid: it must be refresh_token or urn:ietf:params:oauth:grant-type:device_code.", 400);

    /// <summary>Unknown, used, over, of an ended session or another client: which of them is not told.</summary>
    public static MeshError OAuthInvalidGrant { get; } =
        new("invalid_grant", "What was presented is invalid: it is unknown, used up or over. Log in again.", 400);

    public static MeshError OAuthInvalidClient { get; } =
        new("invalid_client", "The client_id is invalid: it must be claudemesh-cli.", 401);

    public static MeshError OAuthUnsupportedToken { get; } =
        new("unsupported_token_type", "The token is invalid: an API key is revoked with DELETE /api/v1/api-keys/{id}.", 400);

    /// <summary>RFC 8628, 3.5.</summary>
    public static MeshError OAuthPending { get; } =
        new("authorization_pending", "Nobody has approved the request yet. Ask again after the interval.", 400) { Retryable = true };

    public static MeshError OAuthSlowDown { get; } =
        new("slow_down", "Asked too soon. Wait five seconds longer between two questions from here on.", 400) { Retryable = true };

    public static MeshError OAuthAccessDenied { get; } =
        new("access_denied", "The login is forbidden: it was denied. Start it again if that was a mistake.", 400);

    public static MeshError OAuthExpired { get; } =
        new("expired_token", "The code is invalid now: its ten minutes are over. Start the login again.", 400);
}
