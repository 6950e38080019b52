namespace Claudemesh.Protocol;

/// <content>Refusals of a handshake. Each is followed by a close: 1008 with the code as its reason, 4002 for <see cref="Revoked"/>.</content>
public sealed partial record MeshError
{
    public static MeshError NoHello { get; } =
        new("no_hello", "The message is invalid before a hello: say member_hello, hello or session_hello first.", 401);

    /// <summary>A second hello on one socket.</summary>
    public static MeshError AlreadySaidHello { get; } =
        new("already_said_hello", "A second hello is invalid on one socket: open another one.", 409);

    public static MeshError TimestampSkew { get; } =
        new("timestamp_skew", "The hello is invalid: its time is more than 60 s from the broker's. Set this machine's clock.", 401);

    public static MeshError Malformed { get; } =
        new("malformed", "The hello is invalid: a field, key or signature does not have the form that docs/protocol.md says.", 400);

    public static MeshError BadSignature { get; } =
        new("bad_signature", "The signature is invalid for this key and these fields. Sign with the key that is named.", 401);

    public static MeshError Revoked { get; } =
        new("revoked", "This member is forbidden here: it was removed from the workspace. Ask an admin to be admitted again.", 403);

    public static MeshError Unauthorized { get; } =
        new("unauthorized", "This key is invalid here: it belongs to no member of the workspace. Join with an invite first.", 401);

    /// <summary>1.x waits and tries again after this one.</summary>
    public static MeshError Capacity { get; } =
        new("capacity", "The workspace has as many connections as it may have. Close some or ask the operator for more.", 503) { Retryable = true };

    public static MeshError Expired { get; } =
        new("expired", "The attestation is invalid: its time has passed. Make a new one.", 401);

    public static MeshError TtlTooLong { get; } =
        new("ttl_too_long", "The attestation is invalid: it may last 24 h at most.", 400);

    public static MeshError BadSessionPubkey { get; } =
        new("bad_session_pubkey", "The session key is invalid: it has 64 lower-case hexadecimal digits.", 400);

    public static MeshError BadParentPubkey { get; } =
        new("bad_parent_pubkey", "The parent member's key is invalid: it has 64 lower-case hexadecimal digits.", 400);

    public static MeshError AttestationMismatch { get; } =
        new("attestation_mismatch", "The attestation is missing or invalid: its keys are not the keys of the hello.", 401);

    public static MeshError ParentMemberIdMismatch { get; } =
        new("parent_member_id_mismatch", "The parent member's id is invalid: it is not the id of the member with that key.", 401);

    /// <summary>The challenge was used or is older than 30 s.</summary>
    public static MeshError ChallengeStale { get; } =
        new("challenge_stale", "The challenge that the hello answers is gone: it lasts 30 s and once. Connect again.", 401) { Retryable = true };

    public static MeshError HelloTimeout { get; } =
        new("hello_timeout", "No hello came in time. Connect again and say hello at once.", 408) { Retryable = true };

    /// <summary>The session key belongs to another member, or to another live session.</summary>
    public static MeshError SessionTaken { get; } =
        new("session_taken", "The session key is invalid for this member: another one has it.", 409);
}
