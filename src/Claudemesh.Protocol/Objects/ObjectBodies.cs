using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>
/// What is sealed in an object: a state is any JSON, a memory is <see cref="MemoryText"/> as JSON, a summary is text. An object that was deleted says
/// so itself, signed: the frame's <c>deleted</c> is only the broker's.
/// </summary>
public static class ObjectBodies
{
    public const string TypeDeleted = "deleted";

    public static MessageBody Deleted { get; } = new(TypeDeleted, "");
}
