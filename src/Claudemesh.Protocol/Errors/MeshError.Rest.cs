namespace Claudemesh.Protocol;

/// <content>Refusals of the REST doors and of API keys.</content>
public sealed partial record MeshError
{
    public static MeshError ApiKeyMissing { get; } =
        new("api_key_missing", "The request is invalid without an API key. Send the header Authorization: Bearer cm_…, made with claudemesh apikey create.", 401);

    /// <summary>Unknown, revoked, expired, of a removed member or an archived workspace: which of them is not told.</summary>
    public static MeshError ApiKeyInvalid { get; } =
        new("api_key_invalid", "The API key is invalid: it is unknown, revoked or over. Make another with claudemesh apikey create.", 401);

    public static MeshError ApiKeyMissingCapability { get; } =
        new("api_key_missing_capability", "This is forbidden for this API key: it does not have the capability. Make one that has it.", 403);

    public static MeshError ApiKeyTopicOutOfScope { get; } =
        new("api_key_topic_out_of_scope", "This is forbidden for this API key: it was made for certain topics, and this is not about one of them.", 403);

    /// <summary>Asked by a key for a key that may more than itself, or by a member for more than his role.</summary>
    public static MeshError ApiKeyExceedsIssuer { get; } =
        new("api_key_exceeds_issuer", "The capabilities are forbidden: a key may do no more than who makes it. Leave out what you may not yourself.", 403);

    public static MeshError ApiKeyNotFound { get; } =
        new("api_key_not_found", "The id is invalid: you have no such key. List the keys.", 404);

    public static MeshError TooManyApiKeys { get; } =
        new("too_many_api_keys", "Another key is invalid now: a member has at most 100 that are not over. Revoke some.", 429);

    /// <summary>Faster than one key may; the headers <c>RateLimit</c> and <c>Retry-After</c> say when there is room.</summary>
    public static MeshError ApiKeyRate { get; } =
        new("api_key_rate", "Too many requests with this API key. Wait as long as Retry-After says and try again.", 429) { Retryable = true };

    /// <summary>Whether the key of this request is one has not been looked up.</summary>
    public static MeshError WrongKeyRate { get; } =
        new("wrong_key_rate", "Too many requests from this address with keys that do not exist. Wait as long as Retry-After says and try again.", 429) { Retryable = true };

    public static MeshError NoSuchRoute { get; } =
        new("no_such_route", "The path is invalid: the broker has no such route. /docs lists them.", 404);

    public static MeshError MethodNotAllowed { get; } =
        new("method_not_allowed", "The method is invalid for this path. The header Allow has those that it takes; see /docs.", 405);

    public static MeshError BodyNotAllowed { get; } =
        new("body_not_allowed", "A body is invalid on this request: what it asks stands in its path and its query. Leave the body out.", 400);

    /// <summary>1.x has this code for the times of its queries.</summary>
    public static MeshError InvalidSince { get; } =
        new("invalid_since", "The time is invalid: write it as 2026-11-24T08:30:00Z.", 400);

    public static MeshError TooManyStreams { get; } =
        new("too_many_streams", "This key or this address has as many streams open as it may have. Close some and try again.", 429) { Retryable = true };

    /// <summary>Said to streams, which are open while it stops, and to what comes meanwhile.</summary>
    public static MeshError BrokerStopping { get; } =
        new("broker_stopping", "The broker stops. Connect again in a moment and go on from the last id you have.", 503) { Retryable = true };
}
