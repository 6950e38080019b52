using System.Text.Json;
using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Migrating;

/// <summary>One of <c>meshes</c> in the configuration of a 1.x client, checked.</summary>
/// <param name="Slug">What it is called there.</param>
/// <param name="Seed">Of the member's key.</param>
internal sealed record LegacyMembership(string MeshId, string MemberId, string Slug, string Name, PublicKey Key, byte[] Seed, BrokerAddress Broker)
{
    public override string ToString() => $"{Slug} as {Key}";
}

/// <summary>An entry: what it says, or why it cannot be used.</summary>
/// <param name="Title">How to name it to a person.</param>
internal readonly record struct LegacyEntry(string Title, LegacyMembership? Membership, string? Fault);

/// <summary>
/// Reads <c>~/.claudemesh/config.json</c> as 1.x writes it, and changes nothing. It holds secret keys, so one that others can read, or that is another file than it
/// looks like, is not believed.
/// </summary>
internal static class LegacyConfig
{
    public const string FileName = "config.json";

    public const int BytesMax = 4 * 1024 * 1024;
    public const int MeshesMax = 1000;

    private const int SecretHexLength = 2 * Ed25519.SecretSize;
    private const int NameCharsMax = 128;

    /// <summary>Null where there is no such file.</summary>
    public static LocalReply<IReadOnlyList<LegacyEntry>>? Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.LinkTarget is not null)
                return Refused($"{path} is a symbolic link. Name the file itself: claudemesh migrate-identity --from FILE");
            if (Directory.Exists(path))
                return Refused($"{path} is a folder. Name the file in it: claudemesh migrate-identity --from {Path.Combine(path, FileName)}");
            if (!file.Exists)
                return null;
            if (!OperatingSystem.IsWindows() && (file.UnixFileMode & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) != UnixFileMode.None)
                return Refused($"{path} holds secret keys and others can read it. If nobody else has: chmod 600 {path}");
            if (file.Length > BytesMax)
                return Refused($"{path} has more than {BytesMax} bytes, so it is no configuration of 1.x.");

            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"{path} cannot be read: {error.Message}", 400, ExitCode.Io);
        }
    }

    private static LocalReply<IReadOnlyList<LegacyEntry>> Parse(string path, byte[] bytes)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 16 });
            JsonElement root = json.RootElement;
            if (root.ValueKind is not JsonValueKind.Object
                || !root.TryGetProperty("version", out JsonElement version)
                || version.ValueKind is not JsonValueKind.Number
                || !root.TryGetProperty("meshes", out JsonElement meshes)
                || meshes.ValueKind is not JsonValueKind.Array)
                return Refused($"{path} is no configuration of 1.x: that is an object with `version` and a list `meshes`.");
            if (!version.TryGetInt32(out int number) || number != 1)
                return Refused($"{path} has version {version.GetRawText()}; this program knows 1.");
            if (meshes.GetArrayLength() > MeshesMax)
                return Refused($"{path} has more than {MeshesMax} workspaces.");

            LegacyEntry[] entries = [.. meshes.EnumerateArray().Select((entry, index) => ReadEntry(entry, $"meshes[{index}]"))];
            return Distinct(entries);
        }
        catch (JsonException error)
        {
            return Refused($"{path} is not JSON (line {error.LineNumber + 1}). Put back a copy of it, or name another file with --from.");
        }
    }

    private static LegacyEntry[] Distinct(LegacyEntry[] entries)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Membership is { } one && !seen.Add(one.MeshId))
                entries[i] = new LegacyEntry(entries[i].Title, null, "it is a second entry of the same workspace; delete one of them.");
        }

        return entries;
    }

    private static LegacyEntry ReadEntry(JsonElement entry, string place)
    {
        if (entry.ValueKind is not JsonValueKind.Object)
            return new LegacyEntry(place, null, "it is no object.");

        string slug = Text(entry, "slug") ?? "";
        string title = slug.Length is > 0 and <= NameCharsMax ? $"{place} ({PlainText.Line(slug)})" : place;
        string? fault = FindFault(entry, out LegacyMembership? membership);
        return new LegacyEntry(title, membership, fault);
    }

    private static string? FindFault(JsonElement entry, out LegacyMembership? membership)
    {
        membership = null;
        if (Text(entry, "meshId") is not { } meshId || !MeshId.TryParse(meshId, out _))
            return "its `meshId` is missing or is none.";
        if (Text(entry, "memberId") is not { } memberId || !MemberId.TryParse(memberId, out _))
            return "its `memberId` is missing or is none.";
        if (Text(entry, "pubkey") is not { } pubkey || !PublicKey.TryParse(pubkey.ToLowerInvariant(), out PublicKey key))
            return "its `pubkey` is missing or is no key of 64 hexadecimal digits.";
        if (Text(entry, "secretKey") is not { Length: SecretHexLength } secret || !secret.All(char.IsAsciiHexDigit))
            return "its `secretKey` is missing or does not have 128 hexadecimal digits.";
        if (!SigningKey.TryFromSecret(Convert.FromHexString(secret), out SigningKey? signing))
            return "its `secretKey` is damaged: its two halves do not belong together.";

        using (signing)
        {
            if (signing!.Public != key)
                return "its `pubkey` is not that of its `secretKey`.";
            if (!BrokerAddress.TryParse(Text(entry, "brokerUrl"), out BrokerAddress? broker))
                return "its `brokerUrl` is missing or is no address like wss://mesh.example.com/ws.";

            string slug = Slug.TryParse(Text(entry, "slug") ?? "", out Slug given) ? given.Value : "mesh-" + meshId[..Math.Min(8, meshId.Length)].ToLowerInvariant();
            string name = Text(entry, "name") is { Length: > 0 and <= NameCharsMax } said ? said : slug;
            membership = new LegacyMembership(meshId, memberId, slug, name, key, signing.ExposeSeed().ToArray(), broker);
            return null;
        }
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static LocalProblem Refused(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
