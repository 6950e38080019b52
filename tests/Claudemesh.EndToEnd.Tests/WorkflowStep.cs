namespace Claudemesh.EndToEnd.Tests;

/// <summary>A step of a workflow under <c>docs/examples</c>, as it stands there.</summary>
/// <param name="Run">Its script.</param>
internal sealed record WorkflowStep(string Run, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Reads what these files have of YAML: a step's name, <c>env:</c> with one value a line, and <c>run: |</c> with a block.</summary>
    public static WorkflowStep Read(string file, string name)
    {
        string[] lines = File.ReadAllLines(Find(file));
        int begin = Array.FindIndex(lines, line => line.TrimStart() == $"- name: {name}");
        Assert.True(begin >= 0, $"{file} has no step '{name}'.");
        int depth = Depth(lines[begin]) + 2;
        string[] step = [.. lines.Skip(begin + 1).TakeWhile(line => line.Length == 0 || Depth(line) >= depth)];
        return new WorkflowStep(
            string.Join('\n', Block(step, depth, "run: |")) + "\n",
            Block(step, depth, "env:").Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
    }

    /// <summary>The lines below a key, without what they are indented by.</summary>
    private static IEnumerable<string> Block(string[] step, int depth, string key) => step
        .SkipWhile(line => line.Trim() != key || Depth(line) != depth)
        .Skip(1)
        .TakeWhile(line => line.Length == 0 || Depth(line) >= depth + 2)
        .Select(line => line.Length == 0 ? "" : line[(depth + 2)..]);

    private static int Depth(string line) => line.Length - line.TrimStart(' ').Length;

    private static string Find(string file)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "docs", "examples", file)))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new InvalidOperationException($"docs/examples/{file} is not there."), "docs", "examples", file);
    }
}
