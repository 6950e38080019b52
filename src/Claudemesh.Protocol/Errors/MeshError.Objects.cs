namespace Claudemesh.Protocol;

/// <content>Refusals of objects: shared state, memories and summaries.</content>
public sealed partial record MeshError
{
    /// <summary>Somebody else wrote meanwhile, or the writer had not seen the newest revision.</summary>
    public static MeshError RevisionConflict { get; } =
        new("revision_conflict", "The revision is invalid: the object has changed meanwhile. Read it, and write above the revision it has.", 409);

    public static MeshError ObjectQuota { get; } =
        new("object_quota", "Storing this is forbidden: the workspace keeps as much of this kind as it may. Delete some first.", 507);
}
