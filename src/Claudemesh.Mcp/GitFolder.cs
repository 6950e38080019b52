namespace Claudemesh.Mcp;

/// <summary>What git's own files say of a working folder, worktrees included; git itself is not run.</summary>
/// <param name="Own">The folder with HEAD.</param>
/// <param name="Common">The folder with the configuration: the same, except in a worktree.</param>
internal sealed record GitFolder(string Own, string Common)
{
    private const string GitName = ".git";
    private const string Link = "gitdir: ";
    private const string Branch = "ref: refs/heads/";
    private const string Origin = "[remote \"origin\"]";

    /// <summary>Of the working folder that <paramref name="folder"/> is in; null when it is in none.</summary>
    public static GitFolder? Find(string folder)
    {
        for (string? here = Path.GetFullPath(folder); here is not null; here = Path.GetDirectoryName(here))
        {
            string git = Path.Combine(here, GitName);
            if (Directory.Exists(git))
                return new GitFolder(git, git);

            // A worktree's or a submodule's is a file that names another folder.
            if (FirstLine(git) is { } link && link.StartsWith(Link, StringComparison.Ordinal))
            {
                string own = Path.GetFullPath(link[Link.Length..].Trim(), here);
                return new GitFolder(own, FirstLine(Path.Combine(own, "commondir")) is { } common ? Path.GetFullPath(common, own) : own);
            }
        }

        return null;
    }

    /// <summary>Null when no branch is checked out.</summary>
    public string? ReadBranch() =>
        FirstLine(Path.Combine(Own, "HEAD")) is { } head && head.StartsWith(Branch, StringComparison.Ordinal) ? head[Branch.Length..] : null;

    /// <summary>The last part of the origin's address, so that all clones have it in common; else the name of the main working folder.</summary>
    public string ReadRepository()
    {
        string address = FindOrigin() ?? (Path.GetFileName(Common) == GitName ? Path.GetDirectoryName(Common)! : Common);
        string last = address.TrimEnd('/').Split('/', ':')[^1];
        return last.EndsWith(GitName, StringComparison.Ordinal) && last.Length > GitName.Length ? last[..^GitName.Length] : last;
    }

    /// <summary>Calls back when HEAD changes.</summary>
    /// <returns>Null where that cannot be watched.</returns>
    public IDisposable? Watch(Action changed)
    {
        try
        {
            var watcher = new FileSystemWatcher(Own, "HEAD") { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite };
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            // How git writes it: a file of another name takes its place.
            watcher.Renamed += (_, _) => changed();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private string? FindOrigin()
    {
        bool isOrigin = false;
        foreach (string line in Lines(Path.Combine(Common, "config")))
        {
            string text = line.Trim();
            if (text.StartsWith('['))
                isOrigin = text == Origin;
            else if (isOrigin && text.Split('=', 2) is [var key, var value] && key.Trim() == "url")
                return value.Trim();
        }

        return null;
    }

    private static string? FirstLine(string file) => Lines(file).FirstOrDefault();

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
