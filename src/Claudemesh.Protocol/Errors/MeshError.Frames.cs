namespace Claudemesh.Protocol;

/// <content>What can be wrong with any frame or request.</content>
public sealed partial record MeshError
{
    public static MeshError BadJson { get; } =
        new("bad_json", "The message is invalid: send one JSON object in UTF-8 with a text in \"type\", at most 32 levels deep.", 400);

    public static MeshError UnknownMessageType { get; } =
        new("unknown_message_type", "This type of message is invalid here: the broker does not know it. docs/protocol.md lists those it knows.", 400);

    public static MeshError FrameTooLarge { get; } =
        new("frame_too_large", "The frame is invalid: it has more bytes than this broker reads. Send a smaller one.", 413);

    /// <summary>A field is missing, has the wrong type or breaks a limit. 1.x has this code for arguments.</summary>
    public static MeshError InvalidArgs { get; } =
        new("invalid_args", "A field of the message is invalid. docs/protocol.md has the fields and their limits.", 400);

    /// <summary>1.x has this code for the id of <c>message_status</c>.</summary>
    public static MeshError InvalidArgument { get; } =
        new("invalid_argument", "The id is invalid: give 8 to 32 letters and digits.", 400);

    public static MeshError AmbiguousPrefix { get; } =
        new("ambiguous_prefix", "The id is invalid as a prefix: several messages begin with it. Give more of it.", 409);

    public static MeshError NotFound { get; } =
        new("not_found", "What was asked for is not_found here, so the request is invalid. Check its id and the workspace.", 404);

    public static MeshError Forbidden { get; } =
        new("forbidden", "This is forbidden for you in this workspace. Ask an owner or admin.", 403);

    public static MeshError Internal { get; } =
        new("internal", "The broker failed while it did this. Try again; if it stays so, tell the operator.", 500) { Retryable = true };

    /// <summary>The disk is full or the database does not answer. Nothing was kept.</summary>
    public static MeshError Unavailable { get; } =
        new("unavailable", "The broker cannot store anything at present. Try again in a moment.", 503) { Retryable = true };
}
