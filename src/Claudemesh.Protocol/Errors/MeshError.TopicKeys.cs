namespace Claudemesh.Protocol;

/// <content>Refusals about the keys that 1.x clients give to topics.</content>
public sealed partial record MeshError
{
    public static MeshError TopicUnencrypted { get; } =
        new("topic_unencrypted", "Asking for the key is invalid: nobody has claimed one for this topic. Post to claim-key, or post in clear.", 409);

    public static MeshError KeyNotSealedForMember { get; } =
        new("key_not_sealed_for_member", "Asking for the key is invalid as yet: nobody has sealed it to your key. A member who holds it does so soon.", 404);

    public static MeshError AlreadyEncrypted { get; } =
        new("already_encrypted", "Claiming the key is invalid: the topic has one that a member holds. Ask for it with GET /key.", 409);

    public static MeshError RecipientNotInTopic { get; } =
        new("recipient_not_in_topic", "The memberId is invalid: no such member is in the topic. List pending-seals.", 404);

    /// <summary>Nobody but its recipient replaces a copy: else any member could lock another out.</summary>
    public static MeshError AlreadySealed { get; } =
        new("already_sealed", "Sealing is invalid: this member has a copy to his present key already. Only he may replace it.", 409);

    public static MeshError TopicKeyNotHeld { get; } =
        new("topic_key_not_held", "Sealing is forbidden for you: you have no copy of the topic's key yourself. Wait until somebody has sealed it to you.", 403);

    /// <summary>Where everything is encrypted under the workspace's own keys, 1.x's are no use.</summary>
    public static MeshError TopicKeyInLog { get; } =
        new("topic_key_in_log", "A key of 1.x is invalid for this topic: its keys come from the signed log. Read GET /log and GET /copies.", 409);
}
