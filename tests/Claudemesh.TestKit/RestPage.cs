using System.Text.RegularExpressions;

namespace Claudemesh.TestKit;

/// <param name="Commands">A command of a shell.</param>
/// <param name="Answer">What the page shows of its answer; null: nothing.</param>
public sealed record RestExample(string Commands, string? Answer)
{
    public bool IsStream => Commands.Contains("--no-buffer", StringComparison.Ordinal);
}

/// <summary>The examples of docs/rest.md.</summary>
public static partial class RestPage
{
    /// <summary>A page of the folder <c>docs</c>.</summary>
    public static string PathOf(string page)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "docs", page)))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"docs/{page} is not there.");
        return Path.Combine(folder, "docs", page);
    }

    /// <summary>Those from a heading of the second level to the next.</summary>
    public static IReadOnlyList<RestExample> Read(string heading)
    {
        string chapter = File.ReadAllText(PathOf("rest.md")).Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal));
        List<RestExample> examples = [];
        foreach (Match block in Fence().Matches(chapter))
        {
            string text = block.Groups["text"].Value;
            if (block.Groups["kind"].Value is "sh")
                examples.Add(new RestExample(text, Answer: null));
            else
                examples[^1] = examples[^1] with { Answer = text };
        }

        return examples;
    }

    [GeneratedRegex("^```(?<kind>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Fence();
}
