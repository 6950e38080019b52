using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Local;

namespace Claudemesh.Cli.Install;

/// <summary>What an installation has changed, and what was there before: all that undoing it needs.</summary>
/// <param name="ConfigFolder">Claude Code's folder that it is about.</param>
internal sealed record Installation(string ConfigFolder, InstalledSkill? Skill = null, InstalledServer? Server = null);

/// <param name="Written">What was written: anything else there is somebody's own.</param>
/// <param name="Earlier">What was there before, byte for byte; null: nothing.</param>
/// <param name="MadeFolders">The folders made for it, the outermost first.</param>
internal sealed record InstalledSkill(string Path, byte[] Written, byte[]? Earlier, IReadOnlyList<string> MadeFolders);

/// <param name="Command">The program that the entry starts.</param>
/// <param name="Earlier">The entry of that name that was there before, as JSON; null: none.</param>
internal sealed record InstalledServer(string Command, string? Earlier);

/// <param name="Installations">One for each of Claude Code's folders.</param>
internal sealed record InstallationList(IReadOnlyList<Installation> Installations);

// The generator's own writer would write bytes that are null as bytes that are none: "nothing was there" would become "an empty file was there".
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InstallationList))]
internal sealed partial class InstallJson : JsonSerializerContext;

/// <summary>Remembers installations in <c>install.json</c> of our own folder. It is written before anything is changed.</summary>
internal sealed class InstallRecord(DaemonHome home)
{
    public string FilePath => Path.Combine(home.Folder, "install.json");

    public Installation Find(string configFolder) =>
        Read().FirstOrDefault(one => string.Equals(one.ConfigFolder, configFolder, StringComparison.Ordinal)) ?? new Installation(configFolder);

    /// <summary>Keeps it in place of an earlier one of the same folder; one that has changed nothing is forgotten.</summary>
    public void Keep(Installation installation)
    {
        List<Installation> all = [.. Read().Where(one => !string.Equals(one.ConfigFolder, installation.ConfigFolder, StringComparison.Ordinal))];
        if (installation is not { Skill: null, Server: null })
            all.Add(installation);

        if (all.Count == 0)
        {
            File.Delete(FilePath);
            return;
        }

        Directory.CreateDirectory(home.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        WholeFile.Write(FilePath, JsonSerializer.SerializeToUtf8Bytes(new InstallationList(all), InstallJson.Default.InstallationList), WholeFile.OwnerOnly);
    }

    private IReadOnlyList<Installation> Read()
    {
        if (!File.Exists(FilePath))
            return [];

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FilePath), InstallJson.Default.InstallationList)?.Installations ?? [];
        }
        catch (JsonException error)
        {
            // Going on would lose what was there before the installation.
            throw new IOException($"{FilePath} cannot be read ({error.Message}); move it away to go on without what it remembers.", error);
        }
    }
}
