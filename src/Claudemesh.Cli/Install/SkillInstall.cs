using Claudemesh.Cli.Claude;
using Claudemesh.Cli.Output;

namespace Claudemesh.Cli.Install;

/// <summary>The skill's file in Claude Code's folder: puts it there, keeps what somebody else wrote, and takes it away again.</summary>
internal sealed class SkillInstall(ClaudeCode claude, InstallRecord record, bool isDryRun)
{
    private readonly string path = claude.SkillFile;

    public SkillPrinted Install(byte[] content)
    {
        Installation known = record.Find(claude.ConfigFolder);
        byte[]? there = Read();
        if (IsSame(there, content))
        {
            // Without a record it is what an earlier record forgot, or a copy: ours all the same.
            if (!IsSame(known.Skill?.Written, content) && !isDryRun)
                record.Keep(known with { Skill = (known.Skill ?? new InstalledSkill(path, content, null, [])) with { Written = content } });
            return new SkillPrinted(SkillStates.Unchanged, path);
        }

        string state = there is null ? SkillStates.Written : SkillStates.Updated;
        // What is there now is ours, somebody's changes to ours, or what was there before us.
        bool isForeign = there is not null && !IsSame(there, known.Skill?.Written);
        byte[]? earlier = known.Skill is null ? there : known.Skill.Earlier;
        string? backup = isForeign ? FindBackupName(there!) : null;
        if (isDryRun)
            return new SkillPrinted(state, path, backup);

        IReadOnlyList<string> folders = known.Skill?.MadeFolders is { Count: > 0 } made ? made : MissingFolders();
        record.Keep(known with { Skill = new InstalledSkill(path, content, earlier, folders) });
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (backup is not null)
            WholeFile.Write(backup, there!, WholeFile.Readable);

        WholeFile.Write(path, content, WholeFile.Readable);
        return new SkillPrinted(state, path, backup);
    }

    /// <param name="generated">What this build would have written: the only thing that is ours when nothing was remembered.</param>
    public SkillPrinted Uninstall(byte[] generated)
    {
        Installation known = record.Find(claude.ConfigFolder);
        byte[]? there = Read();
        if (known.Skill is not { } skill)
        {
            bool isOurs = IsSame(there, generated);
            if (isOurs && !isDryRun)
                File.Delete(path);
            return new SkillPrinted(there is null ? SkillStates.Absent : isOurs ? SkillStates.Removed : SkillStates.Kept, path);
        }

        string state = skill.Earlier is null ? SkillStates.Removed : SkillStates.Restored;
        bool isBackAlready = (there is null && skill.Earlier is null) || IsSame(there, skill.Earlier);
        bool isChanged = there is not null && !isBackAlready && !IsSame(there, skill.Written);
        string? backup = isChanged ? FindBackupName(there!) : null;
        if (isDryRun)
            return new SkillPrinted(isBackAlready ? SkillStates.Absent : state, path, backup);

        if (backup is not null)
            WholeFile.Write(backup, there!, WholeFile.Readable);
        if (skill.Earlier is { } earlier)
            WholeFile.Write(path, earlier, WholeFile.Readable);
        else
            File.Delete(path);

        RemoveEmpty(skill.MadeFolders);
        if (skill.Earlier is not null)
            RemoveCopyOf(skill.Earlier);

        record.Keep(known with { Skill = null });
        return new SkillPrinted(isBackAlready ? SkillStates.Absent : state, path, backup);
    }

    private byte[]? Read() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    private static bool IsSame(byte[]? one, byte[]? other) => one is not null && other is not null && one.AsSpan().SequenceEqual(other);

    /// <summary>Where <paramref name="content"/> is kept: a name that is free, or has that content already.</summary>
    private string FindBackupName(byte[] content)
    {
        string name = path + ".bak";
        for (int number = 2; File.Exists(name) && !File.ReadAllBytes(name).AsSpan().SequenceEqual(content); number++)
            name = $"{path}.bak{number}";

        return name;
    }

    /// <summary>The backup that installing has made says nothing more once the file itself is back.</summary>
    private void RemoveCopyOf(byte[] earlier)
    {
        string backup = path + ".bak";
        if (File.Exists(backup) && File.ReadAllBytes(backup).AsSpan().SequenceEqual(earlier))
            File.Delete(backup);
    }

    private List<string> MissingFolders()
    {
        List<string> missing = [];
        for (string? folder = Path.GetDirectoryName(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing.Insert(0, folder);

        return missing;
    }

    private static void RemoveEmpty(IReadOnlyList<string> folders)
    {
        foreach (string folder in folders.Reverse())
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
    }
}
