namespace Claudemesh.Broker.Workspaces;

/// <summary>
/// Every table that has rows of a workspace, and how they are found: in an order in which what others are found by goes last. Each statement deletes at
/// most a thousand rows, and is repeated until it finds fewer.
/// </summary>
internal static class DeletionSlices
{
    public const int RowsMax = 1_000;

    private const string OfMesh = "mesh_no = @mesh";
    private const string OfMessages = "message_id BETWEEN @first AND @last";
    private const string OfMailboxes = "mailbox_no IN (SELECT no FROM mailbox WHERE mesh_no = @mesh)";
    private const string OfReaders = "reader_no IN (SELECT r.no FROM reader r JOIN mailbox b ON b.no = r.mailbox_no WHERE b.mesh_no = @mesh)";
    private const string OfMembers = "member_no IN (SELECT no FROM member WHERE mesh_no = @mesh)";
    private const string OfTopics = "topic_no IN (SELECT no FROM topic WHERE mesh_no = @mesh)";

    public static readonly IReadOnlyList<string> All =
    [
        // First: nothing that is on its way is written any more.
        Slice("mesh_owner", "mesh_no", OfMesh),
        Slice("receipt", "message_id, mailbox_no", OfMessages),
        Slice("notification", "recipient_no, message_id", OfMessages),
        Slice("message", "id", "id BETWEEN @first AND @last"),
        Slice("submission", "sender_no, client_id", "sender_no IN (SELECT no FROM member WHERE mesh_no = @mesh)"),
        Slice("entry", "mailbox_no, lane, position", OfMailboxes),
        Slice("cursor_mark", "mailbox_no, lane, through", OfMailboxes),
        Slice("cursor", "reader_no, source_no, lane", OfReaders),
        Slice("set_aside", "reader_no, message_id", OfReaders),
        Slice("reader", "no", OfMailboxes),
        Slice("topic_key", "topic_no", OfTopics),
        Slice("topic_key_copy", "topic_no, member_no", OfTopics),
        Slice("topic_member", "seat_no", OfTopics),
        Slice("api_key_topic", "key_no, topic_no", "key_no IN (SELECT no FROM api_key WHERE mesh_no = @mesh)"),
        Slice("api_key", "no", OfMesh),
        Slice("personal_token", "no", OfMesh),
        Slice("topic", "no", OfMesh),
        Slice("mailbox", "no", OfMesh),
        Slice("incarnation", "mesh_no, first_position", OfMesh),
        Slice("peer_state", "member_no", OfMembers),
        Slice("session", "no", OfMesh),
        Slice("invite", "no", OfMesh),
        Slice("member_grant", "mesh_no, recipient_no, sender_pubkey", OfMesh),
        Slice("log_record", "mesh_no, scope, seq", OfMesh),
        Slice("sealed_copy", "mesh_no, scope, recipient, epoch", OfMesh),
        Slice("log_invite", "id", OfMesh),
        Slice("waiting_member", "mesh_no, pubkey", OfMesh),
        Slice("object", "mesh_no, kind, plain, name", OfMesh),
        Slice("object_change", "mesh_no", OfMesh),
        Slice("object_use", "mesh_no, kind, plain", OfMesh),
        Slice("memory_word", "mesh_no, word, name", OfMesh),
        Slice("shared_context", "mesh_no, member_no", OfMesh),
        Slice("audit_event", "mesh_no, seq", OfMesh),
        Slice("audit_head", "mesh_no", OfMesh),
        Slice("member", "no", OfMesh),
    ];

    /// <summary>Each text has the same parameters, whichever it needs: they are kept with it.</summary>
    private static string Slice(string table, string key, string which) =>
        $"""
        DELETE FROM {table} WHERE ({key}) IN (
          SELECT {key} FROM {table} WHERE {which} AND @mesh > 0 AND @first >= 0 AND @last > 0 LIMIT @limit)
        """;
}
