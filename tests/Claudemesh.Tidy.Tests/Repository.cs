namespace Claudemesh.Tidy.Tests;

/// <summary>The files of the repository as they are on the disk, without what builds leave behind.</summary>
internal static class Repository
{
    private static readonly string[] BuiltFolders = ["bin", "obj", "artifacts", ".cache", ".git", "node_modules", "TestResults", ".vs", ".idea"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file, as paths from the root with forward slashes, sorted.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. FilesUnder(Root).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Sources { get; } = [.. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal))];

    /// <summary>The projects, as paths from the root.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] ReadLines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    public static bool Has(string file) => File.Exists(Path.Combine(Root, file));

    /// <summary>Fails with one line for each broken rule, so that one run names them all.</summary>
    public static void AssertNone(IEnumerable<string> broken, string rule)
    {
        string[] all = [.. broken];
        Assert.True(all.Length == 0, $"{rule}{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", all)}");
    }

    private static IEnumerable<string> FilesUnder(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');

        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            if (BuiltFolders.Contains(Path.GetFileName(inner), StringComparer.Ordinal))
                continue;

            foreach (string file in FilesUnder(inner))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Claudemesh.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("These tests read the repository, and there is none above " + AppContext.BaseDirectory);
    }
}
