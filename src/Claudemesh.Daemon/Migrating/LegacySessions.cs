using System.Text.Json;
using Claudemesh.Crypto;

namespace Claudemesh.Daemon.Migrating;

/// <summary>
/// The keys of sessions that 1.x keeps beside its configuration, in <c>sessions/SLUG/ID.json</c>: what was written to one of them opens with nothing else. What is
/// damaged there is passed over, as 1.x does.
/// </summary>
internal static class LegacySessions
{
    private const int FilesMax = 100;
    private const int FileBytesMax = 16 * 1024;

    /// <param name="configFile">The configuration beside which they are.</param>
    /// <returns>Seeds, of the files that were written last.</returns>
    public static List<byte[]> Read(string configFile, string slug)
    {
        var seeds = new List<byte[]>();
        var folder = new DirectoryInfo(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configFile))!, "sessions", slug));
        try
        {
            if (!folder.Exists || folder.LinkTarget is not null)
                return seeds;

            foreach (FileInfo file in folder.EnumerateFiles("*.json").OrderByDescending(file => file.LastWriteTimeUtc).Take(FilesMax))
            {
                if (file.LinkTarget is null && file.Length <= FileBytesMax && TryReadSeed(File.ReadAllBytes(file.FullName), out byte[]? seed))
                    seeds.Add(seed!);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Their messages are the sessions' own; those of the member come in any case.
        }

        return seeds;
    }

    private static bool TryReadSeed(byte[] bytes, out byte[]? seed)
    {
        seed = null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            if (json.RootElement.ValueKind is not JsonValueKind.Object
                || !json.RootElement.TryGetProperty("secretKey", out JsonElement secret)
                || secret.ValueKind is not JsonValueKind.String
                || secret.GetString() is not { Length: 2 * Ed25519.SecretSize } hex
                || !hex.All(char.IsAsciiHexDigit)
                || !SigningKey.TryFromSecret(Convert.FromHexString(hex), out SigningKey? key))
                return false;

            using (key)
                seed = key!.ExposeSeed().ToArray();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
