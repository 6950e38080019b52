namespace Claudemesh.Protocol;

/// <summary>A refusal: instead of the reply to a request, or for a notice or an unreadable frame.</summary>
/// <param name="Code">The refusal's stable code; see <see cref="MeshError"/>.</param>
/// <param name="Message">The sentence for people.</param>
/// <param name="Id">The <c>id</c> of the refused message when it had one; 1.x correlates some refusals by it.</param>
public sealed record ErrorReply(string Code, string Message, string? Id = null) : IMessage
{
    public static string WireType => "error";

    public static ErrorReply From(MeshError error, string? id = null) => new(error.Code, error.Message, id);
}
