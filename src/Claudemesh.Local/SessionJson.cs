using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Local;

/// <summary>
/// Those records of <see cref="LocalJson"/> that the program of a session needs, written the same. A program carries every record of a context that it
/// touches, and takes memory for each; one of these runs beside every session.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(DaemonVersion))]
[JsonSerializable(typeof(InboxItem))]
[JsonSerializable(typeof(LocalProblem))]
[JsonSerializable(typeof(MessageStatus))]
[JsonSerializable(typeof(OpenSession))]
[JsonSerializable(typeof(PeerChange))]
[JsonSerializable(typeof(Post))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(SharedState))]
[JsonSerializable(typeof(Stopping))]
[JsonSerializable(typeof(WorkspaceStatus))]
public sealed partial class SessionJson : JsonSerializerContext;
