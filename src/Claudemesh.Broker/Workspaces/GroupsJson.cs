using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Groups, profiles and counters as they stand in a column.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GroupTag[]))]
[JsonSerializable(typeof(PeerProfile))]
[JsonSerializable(typeof(PeerStats))]
internal sealed partial class ColumnJson : JsonSerializerContext;

internal static class GroupsJson
{
    public static string Write(ImmutableArray<GroupTag> groups) =>
        JsonSerializer.Serialize([.. groups], ColumnJson.Default.GroupTagArray);

    public static ImmutableArray<GroupTag> Read(string json) =>
        [.. JsonSerializer.Deserialize(json, ColumnJson.Default.GroupTagArray) ?? []];
}
