namespace Claudemesh.Protocol;

/// <summary>A refusal over HTTP: problem details of RFC 9457 that also carry what older clients read.</summary>
/// <param name="Type"><c>urn:claudemesh:error:</c> and the code.</param>
/// <param name="Title">The code in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What, why and what to do.</param>
/// <param name="Error">The code again: 1.x reads this name.</param>
/// <param name="Code">The refusal's stable code; see <see cref="MeshError"/>.</param>
/// <param name="Ok">False where 1.x answers with <c>ok</c>, otherwise absent.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Error, string Code, bool? Ok = null)
{
    public const string ContentType = "application/problem+json";

    public static Problem From(MeshError error, bool? ok = null) =>
        new($"urn:claudemesh:error:{error.Code}", error.Code.Replace('_', ' '), error.HttpStatus, error.Message, error.Code, error.Code, ok);
}
