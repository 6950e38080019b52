using System.Text;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Mcp;

/// <summary>The session whose client started this process: its id, and what it works on.</summary>
/// <param name="Name">The folder's; the daemon puts a number behind it when several are in one.</param>
/// <param name="AnnounceAfter">How long to wait until it is sure that this is a session.</param>
internal sealed record HostSession(string Id, string Folder, string Name, TimeSpan AnnounceAfter)
{
    /// <summary>All that it is to be left, words of <see cref="SessionWords"/>; null: nothing is said.</summary>
    public IReadOnlyList<string>? Limit { get; init; }

    private const int NameCharsMax = 60;

    /// <summary><c>claude mcp list</c> starts every server too, under the id of no session and for less than a second.</summary>
    private static readonly TimeSpan LongerThanAList = TimeSpan.FromSeconds(2);

    public static HostSession Find(Func<string, string?> readVariable, string workingFolder, TimeProvider clock)
    {
        string folder = readVariable("CLAUDE_PROJECT_DIR") is { Length: > 0 } project ? project : workingFolder;
        string id = CallingSession.Find(readVariable) ?? Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");

        // Only what is a session for certain has an inbox of its own; of other clients we know nothing, and they start a server to use it.
        bool isSure = readVariable("CLAUDECODE") is null or "" || readVariable("CLAUDE_CODE_MESSAGING_SOCKET") is { Length: > 0 };
        return new HostSession(id, folder, NameAfter(folder), isSure ? TimeSpan.Zero : LongerThanAList);
    }

    public OpenSession Open(int pid) => new(Id, Name, Folder.Length <= WireLimits.PathCharsMax ? Folder : "", pid, Tags: ReadTags(), Limit: Limit);

    /// <summary>Tells the tags whenever another branch is checked out.</summary>
    /// <returns>Ends it. Null without git, or where folders cannot be watched.</returns>
    public IDisposable? WatchTags(Action<IReadOnlyList<string>> changed) => GitFolder.Find(Folder)?.Watch(() => changed(ReadTags()));

    private string[] ReadTags()
    {
        if (GitFolder.Find(Folder) is not { } git)
            return [];

        string repository = Tag("repo:", git.ReadRepository());
        return git.ReadBranch() is { } branch ? [repository, Tag("branch:", branch)] : [repository];
    }

    private static string NameAfter(string folder)
    {
        string last = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        var name = new StringBuilder();
        foreach (Rune rune in last.EnumerateRunes())
        {
            // What a name may hold between two letters.
            if (name.Length + rune.Utf16SequenceLength <= NameCharsMax && DisplayName.TryParse($"x{rune}x", out _))
                name.Append(rune);
        }

        string trimmed = name.ToString().Trim();
        return DisplayName.TryParse(trimmed, out _) ? trimmed : "session";
    }

    private static string Tag(string kind, string text)
    {
        var tag = new StringBuilder(kind);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (tag.Length + rune.Utf16SequenceLength > TagName.CharsMax)
                break;

            tag.Append(TagName.TryParse($"x{rune}", out _) ? rune : new Rune('-'));
        }

        return tag.ToString();
    }
}
