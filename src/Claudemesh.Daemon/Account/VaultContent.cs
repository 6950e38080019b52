using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// What the devices of an account tell each other through the broker, which cannot read it: JSON, sealed (keys.md 10). Fields that this program does not know
/// are kept as they are.
/// </summary>
internal sealed class VaultContent
{
    public int V { get; set; } = 1;

    /// <summary>By the workspace's id.</summary>
    public SortedDictionary<string, VaultWorkspace> Workspaces { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Secrets of earlier generations by their number, base64: what was written under their keys stays readable.</summary>
    public SortedDictionary<string, byte[]> Secrets { get; set; } = new(StringComparer.Ordinal);

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }

    /// <summary>The hash of the workspace's first record; null when no device has told it.</summary>
    public Digest? FindPin(string meshId) =>
        Workspaces.GetValueOrDefault(meshId)?.Pin is { } pin && Digest.TryParse(pin, out Digest digest) ? digest : null;

    public override string ToString() => "(vault)";
}

internal sealed class VaultWorkspace
{
    /// <summary>Hex; null: not known.</summary>
    public string? Pin { get; set; }

    /// <summary>How far the log of each scope was read.</summary>
    public SortedDictionary<string, VaultHead> Heads { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Members whose safety number was compared, by their key in hex.</summary>
    public SortedDictionary<string, VaultMark> Verified { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Keys that the member had before, their seeds by the key in hex: what is still on its way to them stays readable.</summary>
    public SortedDictionary<string, byte[]> OldKeys { get; set; } = new(StringComparer.Ordinal);

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }
}

/// <param name="Hash">Of the record at <paramref name="Seq"/>, hex.</param>
internal sealed record VaultHead(long Seq, string Hash, long At);

/// <param name="At">When it was compared, in ms since 1970.</param>
internal sealed record VaultMark(long At, string? Name = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(VaultContent))]
internal sealed partial class VaultJson : JsonSerializerContext;
