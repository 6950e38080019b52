namespace Claudemesh.Protocol;

/// <content>Refusals of the signed log, its copies and its invites.</content>
public sealed partial record MeshError
{
    /// <summary>Somebody was quicker: the first record does not follow the head.</summary>
    public static MeshError LogMoved { get; } =
        new("log_moved", "The records are invalid here: the log has gone on. Read it from the head you hold, draft anew and append again.", 409);

    /// <summary>A rule of the log speaks against a record; the sentence says which.</summary>
    public static MeshError LogRefused { get; } =
        new("log_refused", "The records are invalid: a rule of the log speaks against one of them. Read the log and draft anew.", 400);

    /// <summary>More rows than one transaction takes.</summary>
    public static MeshError BatchTooLarge { get; } =
        new("batch_too_large", "The records are invalid as one batch: it has too many. Append fewer at once, and send copies afterwards with copies_put.", 413);

    public static MeshError BadCopy { get; } =
        new("bad_copy", "A copy is invalid: its epoch or its recipient is not in the log. Read the log and seal to those whom it names.", 400);

    public static MeshError BadPackage { get; } =
        new("bad_package", "A package is invalid: none of the records opens its invite. Send it with the record of its invite.", 400);

    /// <summary>The log and the broker's row must name one member by one id.</summary>
    public static MeshError MemberIdTaken { get; } =
        new("member_id_taken", "The member_id is invalid for this key. Use the id that members_list has for it, or a new one for a new key.", 409);

    /// <summary>An invite's id is what finds it without an account, so nobody may guess one.</summary>
    public static MeshError InviteIdTooShort { get; } =
        new("invite_id_too_short", "The invite_id is invalid: it could be guessed. Make one of at least 16 random letters and digits.", 400);

    public static MeshError TooManyInvites { get; } =
        new("too_many_invites", "Another invite is invalid now: the workspace has as many open ones as it may. Revoke some.", 429);

    /// <summary>Told to a member's connections before they are closed: its key has changed.</summary>
    public static MeshError KeyChanged { get; } =
        new("key_changed", "This connection's key is invalid now: its member goes on under another key. Connect with that.", 401);

    /// <summary>Joined without the invite's secret; our clients try again until they are admitted.</summary>
    public static MeshError Waiting { get; } =
        new("waiting", "You wait to be let in: an admin of the workspace admits you with claudemesh member admit.", 403) { Retryable = true };

    public static MeshError WaitingFull { get; } =
        new("waiting_full", "As many wait to be let into this workspace as may. Ask an admin to admit some, or for a new link.", 429) { Retryable = true };

    /// <summary>An invite that is a record of the log ends by a record only.</summary>
    public static MeshError InviteInLog { get; } =
        new("invite_in_log", "Ending this invite so is invalid: it is a record of the signed log. Append uninvite for it.", 409);
}
