using System.Text.Json.Serialization;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>
/// Stores a revision of an object (a state value, a memory, a summary), sealed; answered by <see cref="ObjectStored"/>, or refused with
/// <c>revision_conflict</c> unless the revision is above the stored one and follows <paramref name="After"/> (keys.md 6).
/// </summary>
/// <param name="Name">1 to 256 characters; visible to the broker. A memory's is a random id, a summary's the member's key, and for a session <c>/</c> and its id behind it.</param>
/// <param name="Revision">As in the header.</param>
/// <param name="After">The revision that the writer has seen; 0: the object must not be there. Absent: whatever is there.</param>
/// <param name="Header">The associated data of the ciphertext.</param>
/// <param name="Deleted">True: what is sealed says that there is nothing more; the body before it is removed, and the name lists as deleted.</param>
public sealed record ObjectPut(
    ObjectKind Kind,
    string Name,
    long Revision,
    byte[] Header,
    byte[] Nonce,
    byte[] Ciphertext,
    long? After = null,
    bool? Deleted = null) : IRequest<ObjectStored>, ILimited
{
    public const int BodyBytesMax = 256 * 1024;

    public static string WireType => "object_put";

    string? ILimited.FindFault() =>
        ObjectLimits.NotName(Name)
        ?? (Revision >= 1 ? null : "revision must be 1 or more")
        ?? (After is null or >= 0 ? null : "after must be 0 or more")
        ?? Limit.NotBytes("nonce", Nonce, 24);
}

/// <param name="Change">The number of this change in the workspace; see <see cref="ObjectList"/>.</param>
public sealed record ObjectStored(ObjectKind Kind, string Name, long Revision, long Change) : IMessage
{
    public static string WireType => "object_stored";
}

/// <summary>Asks for one object; answered by <see cref="ObjectResult"/>.</summary>
public sealed record ObjectGet(ObjectKind Kind, string Name) : IRequest<ObjectResult>, ILimited
{
    public static string WireType => "object_get";

    string? ILimited.FindFault() => ObjectLimits.NotName(Name);
}

/// <param name="Object">Null where there is none.</param>
public sealed record ObjectResult([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] SealedObject? Object) : IMessage
{
    public static string WireType => "object_result";
}

/// <summary>
/// Asks for what changed in the workspace's objects after a change, oldest first, each as it is now; answered by <see cref="ObjectPage"/>. A client that
/// keeps the last change it saw misses nothing, however long it was away.
/// </summary>
/// <param name="Kind">Absent: of every kind.</param>
/// <param name="AfterChange">0: from the beginning.</param>
/// <param name="Count">1 to 500; absent: 100. A page ends earlier where it would be larger than a frame.</param>
public sealed record ObjectList(ObjectKind? Kind = null, long AfterChange = 0, [property: JsonPropertyName("limit")] int? Count = null) : IRequest<ObjectPage>, ILimited
{
    public const int LimitMax = 500;

    public static string WireType => "object_list";

    string? ILimited.FindFault() =>
        (AfterChange >= 0 ? null : "afterChange must be 0 or more")
        ?? (Count is null or (>= 1 and <= LimitMax) ? null : $"limit must be 1 to {LimitMax}");
}

/// <param name="Change">The last change that the page covers: ask on after it.</param>
/// <param name="More">Whether there is more after it.</param>
public sealed record ObjectPage(SealedObject[] Objects, long Change, bool More) : IMessage, ILimited
{
    public static string WireType => "object_page";

    string? ILimited.FindFault() => Limit.HasNull("objects", Objects);
}

/// <summary>
/// An object as the broker keeps it. One that a 1.x client wrote is plain: it has no header and no nonce, its body is readable, and clients show it as
/// <em>not encrypted, written by whom the server says</em>.
/// </summary>
/// <param name="Revision">Of a plain one: the broker's count.</param>
/// <param name="Deleted">True: the name had a value, and has none now.</param>
/// <param name="Plain">
/// True: written by a 1.x client. A state's body is its JSON, a memory's is <c>{"text", "tags"}</c>. A name can have a sealed and a plain object.
/// </param>
/// <param name="WrittenBy">The writer's name, as the broker says.</param>
public sealed record SealedObject(
    ObjectKind Kind,
    string Name,
    long Revision,
    long Change,
    byte[] Header,
    byte[] Nonce,
    byte[] Ciphertext,
    bool Deleted,
    bool Plain,
    string WrittenBy,
    DateTimeOffset WrittenAt);

/// <summary>An object has changed; told to connections with the feature <c>objects</c>, its writer's among them. After a <c>resync</c> list afresh.</summary>
public sealed record ObjectChanged(SealedObject Object) : IEvent
{
    public static string WireType => "object_changed";
}

internal static class ObjectLimits
{
    public static string? NotKey(string key) => NotText("key", key);

    public static string? NotName(string name) => NotText("name", name);

    // A database may not take a NUL, and no listing a line end.
    public static string? NotText(string field, string text) =>
        text.Length is >= 1 and <= ObjectHeader.NameCharsMax && !text.Any(char.IsControl)
            ? null : $"{field} must be 1 to {ObjectHeader.NameCharsMax} characters on one line";
}
