namespace Claudemesh.Protocol;

/// <content>Refusals about topics.</content>
public sealed partial record MeshError
{
    /// <summary>Said of a private topic too, to whoever is not in it: a guess must not tell him that it is there.</summary>
    public static MeshError TopicNotFound { get; } =
        new("topic_not_found", "The topic is invalid: there is none with this id or name that you are in or may join. List the topics.", 404);

    public static MeshError TopicArchived { get; } =
        new("topic_archived", "Posting is forbidden: the topic is archived. Its lead can bring it back; its history can be read as before.", 403);

    /// <summary>For an observer.</summary>
    public static MeshError TopicReadOnly { get; } =
        new("topic_read_only", "Posting is forbidden here for an observer. Join as a member, or ask the topic's lead.", 403);

    public static MeshError TopicLeadOnly { get; } =
        new("topic_lead_only", "This is forbidden in the topic for all but its leads and the workspace's admins. Ask one of them.", 403);

    public static MeshError TopicNameTaken { get; } =
        new("topic_name_taken", "The name is invalid: another topic has it. Choose another, or archive that topic first.", 409);

    public static MeshError TopicIdTaken { get; } =
        new("topic_id_taken", "The topicId is invalid: a topic with it is already there. Make a new one.", 409);

    public static MeshError TopicLimit { get; } =
        new("topic_limit", "Another topic is forbidden: a workspace has at most 10,000, archived ones counted. Use one that is there.", 403);

    public static MeshError JoinedTopicLimit { get; } =
        new("joined_topic_limit", "Joining is forbidden: a member is in at most 1,000 topics. Leave some first.", 403);

    /// <summary>Everybody in the workspace is in it, so nobody leaves, hides or archives it.</summary>
    public static MeshError GeneralStays { get; } =
        new("general_stays", "This is forbidden for #general: every member of the workspace is in it, always.", 403);

    public static MeshError TopicNeedsLog { get; } =
        new("topic_needs_log", "The topic is invalid without records: a private topic begins with its own signed log. Send topicId and records.", 400);

    public static MeshError TopicHasLog { get; } =
        new("topic_has_log", "Leaving so is invalid: this topic has a signed log. Append a remove record of yourself to it.", 409);

    public static MeshError ReplyElsewhere { get; } =
        new("reply_elsewhere", "The replyToId is invalid: it is no message of this topic. Answer in the topic where it stands.", 400);

    /// <summary>To guess which of them is meant, or to tell both, would be worse than to ask.</summary>
    public static MeshError MentionAmbiguous { get; } =
        new("mention_ambiguous", "The mention is invalid: several members who can read the topic have this name. Mention the one you mean by his key.", 409);

    public static MeshError CursorElsewhere { get; } =
        new("cursor_elsewhere", "The cursor is invalid: it is no message of this topic. Take one from this topic's history.", 400);

    /// <summary>Only who is in a topic has a mark in it.</summary>
    public static MeshError NotInTopic { get; } =
        new("not_in_topic", "Marking the topic as read is invalid: you are not in it, and this API key or an archived topic does not let you in. Join it first.", 409);
}
