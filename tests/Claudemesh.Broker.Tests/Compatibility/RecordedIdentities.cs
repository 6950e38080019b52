using System.Text.Json.Nodes;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>The throwaway keys of the recording (<c>Captured/identities.json</c>).</summary>
internal sealed class RecordedIdentities
{
    private readonly Dictionary<string, SigningKey> keys = new(StringComparer.Ordinal);

    private RecordedIdentities(JsonObject file)
    {
        MeshId = (string)file["mesh"]!["meshId"]!;
        Owner = new MemberSecretKey(Read((string)file["mesh"]!["ownerSecretKey"]!));
        foreach (JsonNode? member in file["members"]!.AsArray())
            Members.Add(((string)member!["name"]!, (string)member["role"]!, new MemberSecretKey(Keep(member))));

        foreach (JsonNode? session in file["sessions"]!.AsArray())
            SessionIds[Keep(session!).Public.ToString()] = (string)session!["sessionId"]!;

        Keep(file["script"]!);
        foreach (JsonNode? member in file["members"]!.AsArray())
            MemberIds[(string)member!["publicKey"]!] = (string)member["memberId"]!;
    }

    public string MeshId { get; }

    public MemberSecretKey Owner { get; }

    public List<(string Name, string Role, MemberSecretKey Key)> Members { get; } = [];

    public Dictionary<string, string> SessionIds { get; } = new(StringComparer.Ordinal);

    /// <summary>What the recorded broker called each member, by its key.</summary>
    public Dictionary<string, string> MemberIds { get; } = new(StringComparer.Ordinal);

    public IEnumerable<SigningKey> Keys => keys.Values;

    public SigningKey this[string publicKey] => keys[publicKey];

    public static RecordedIdentities Load() => new((JsonObject)JsonNode.Parse(File.ReadAllText(Recording.PathOf("identities.json")))!);

    private SigningKey Keep(JsonNode identity) => keys[(string)identity["publicKey"]!] = Read((string)identity["secretKey"]!);

    private static SigningKey Read(string secret) => SigningKey.TryFromSecret(Convert.FromHexString(secret), out SigningKey? key)
        ? key!
        : throw new InvalidOperationException("The recorded key does not belong to its public key.");
}

/// <summary>A recorded file: a JSON object a line.</summary>
internal static class Recording
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Captured", name);

    public static IReadOnlyList<JsonObject> Read(string name) =>
        [.. File.ReadLines(PathOf(name)).Where(line => line.Length > 0).Select(line => (JsonObject)JsonNode.Parse(line)!)];
}
