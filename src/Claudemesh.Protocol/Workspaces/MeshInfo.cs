namespace Claudemesh.Protocol;

/// <summary>1.x: asks for an overview of the workspace; answered by <see cref="MeshInfoResult"/>.</summary>
public sealed record MeshInfo : IRequest<MeshInfoResult>
{
    public static string WireType => "mesh_info";
}
