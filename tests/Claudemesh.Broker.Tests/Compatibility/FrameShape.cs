using System.Text.Json;
using System.Text.Json.Nodes;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>Compares frames by shape: every field of the recorded one is there, with a value of the same JSON kind. More is allowed.</summary>
internal static class FrameShape
{
    public static IEnumerable<string> Differences(JsonObject recorded, JsonObject actual) =>
        Differences((string?)recorded["event"] ?? (string)recorded["type"]!, recorded, actual, "");

    private static IEnumerable<string> Differences(string frame, JsonObject recorded, JsonObject actual, string path)
    {
        foreach ((string name, JsonNode? value) in recorded)
        {
            if (!actual.TryGetPropertyValue(name, out JsonNode? ours))
            {
                if (!Allowances.MissingFields.ContainsKey((frame, name)))
                    yield return $"{frame}: {path}{name} is missing";
            }
            else if (Allowances.OfAnyKind.Contains((frame, name)))
            {
                // What a client has set.
            }
            else if (Kind(value) is var kind && kind != JsonValueKind.Null && !SameKind(kind, Kind(ours)))
            {
                yield return $"{frame}: {path}{name} is {Kind(ours)}, not {kind}";
            }
            else
            {
                foreach (string difference in Inside(frame, value, ours, $"{path}{name}."))
                    yield return difference;
            }
        }
    }

    private static IEnumerable<string> Inside(string frame, JsonNode? recorded, JsonNode? actual, string path) => (recorded, actual) switch
    {
        (JsonObject theirs, JsonObject ours) => Differences(frame, theirs, ours, path),
        (JsonArray theirs, JsonArray ours) when theirs.Count > 0 && theirs.All(each => each is JsonObject) => Common(theirs) is var common
            ? ours.OfType<JsonObject>().SelectMany(each => Differences(frame, common, each, path))
            : [],
        _ => [],
    };

    /// <summary>The fields that every element has, null where one has null.</summary>
    private static JsonObject Common(JsonArray elements)
    {
        JsonObject common = [];
        foreach ((string name, JsonNode? value) in (JsonObject)elements[0]!)
        {
            if (elements.All(each => ((JsonObject)each!).ContainsKey(name)))
                common[name] = elements.Any(each => each![name] is null) ? null : value?.DeepClone();
        }

        return common;
    }

    private static JsonValueKind Kind(JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    private static bool SameKind(JsonValueKind one, JsonValueKind other) =>
        one == other || (one is JsonValueKind.True or JsonValueKind.False && other is JsonValueKind.True or JsonValueKind.False);
}
