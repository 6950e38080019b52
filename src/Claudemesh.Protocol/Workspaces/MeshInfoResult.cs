using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Mesh">The workspace's id.</param>
/// <param name="Groups">With their <c>@</c>.</param>
/// <param name="Collections">Always empty, as in 1.x.</param>
public sealed record MeshInfoResult(
    MeshId Mesh,
    int Peers,
    string[] Groups,
    string[] StateKeys,
    int MemoryCount,
    int FileCount,
    TaskCounts Tasks,
    string[] Streams,
    string[] Tables,
    string[] Collections,
    string YourName,
    GroupTag[] YourGroups) : IMessage
{
    public static string WireType => "mesh_info_result";
}

[method: JsonConstructor]
public readonly record struct TaskCounts(int Open, int Claimed, int Done);
