namespace Claudemesh.Protocol;

/// <content>Refusals of <c>send</c>, in the words that 1.x clients look for (delivery contract, 12).</content>
public sealed partial record MeshError
{
    public static MeshError RateLimit { get; } =
        new("rate_limit", "rate_limit: you send faster than this workspace allows. Wait a little and try again.", 429) { Retryable = true };

    public static MeshError PayloadTooLarge { get; } =
        new("payload_too_large", "payload too large: the message is invalid above the broker's limit. Send a smaller one.", 413);

    /// <summary>Only for a key that was never a member or session; whoever is away gets it later. Retryable, because he may join.</summary>
    public static MeshError NoConnectedPeer { get; } =
        new("no_connected_peer", "no connected peer for target: nobody here has this address yet. List the peers and use their keys.", 404)
        { Retryable = true };

    public static MeshError BlockedByGrants { get; } =
        new("blocked", "blocked by recipient grants: sending to this member is forbidden by its own settings.", 403);

    public static MeshError MailboxFull { get; } =
        new("mailbox_full", "The recipient's mailbox is full. Try again when it has read some.", 429) { Retryable = true };

    public static MeshError IdempotencyConflict { get; } =
        new("idempotency_conflict", "The client_message_id is invalid: it already stands for another message. Use a new one.", 409);

    /// <summary>
    /// The body does not name the present root key of its scope, or a rotation is due there. The same message sealed again, under its client
    /// id, is taken.
    /// </summary>
    public static MeshError StaleEpoch { get; } =
        new("stale_epoch", "The body is not under the present key of its scope, or a new key is due. Read the log, rotate if that is due, seal it again.", 409)
        { Retryable = true };

    /// <summary>A plain body where the workspace takes only sealed ones.</summary>
    public static MeshError EncryptionRequired { get; } =
        new("encryption_required", "A plain body is forbidden in this workspace: seal it to its recipients.", 403);

    /// <summary>Two sessions answer each other faster than people would.</summary>
    public static MeshError ExchangeLimit { get; } =
        new("exchange_limit", "These two sessions exchange too many messages a minute. Wait a minute and try again.", 429) { Retryable = true };

    public static MeshError HopLimit { get; } =
        new("hop_limit", "The message is invalid: it has crossed as many bridges as it may.", 400);

    public static MeshError TooManyRecipients { get; } =
        new("too_many_recipients", "The target is invalid: the group or tag has more recipients than one message may have. Use a topic or *.", 400);

    public static MeshError SessionNotOpen { get; } =
        new("session_not_open", "The sessionId is invalid: this socket has no such open session. Open it first.", 404);
}
