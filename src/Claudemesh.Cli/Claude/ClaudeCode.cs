using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Cli.Claude;

/// <summary>
/// Claude Code on this machine: where its program and its files are. Its own configuration is only read here: the running program rewrites that file
/// all the time, so it is changed by its own commands alone.
/// </summary>
internal sealed class ClaudeCode(Surroundings around)
{
    /// <summary>Moves all of Claude Code's files.</summary>
    public const string FolderVariable = "CLAUDE_CONFIG_DIR";

    /// <summary>Names Claude Code's program.</summary>
    public const string ProgramVariable = "CLAUDE_BIN";

    /// <summary>The name of our server in Claude Code; flags that name a channel must equal it.</summary>
    public const string ServerName = "claudemesh";

    /// <summary>What our server is started with.</summary>
    public static readonly IReadOnlyList<string> ServerArguments = ["mcp"];

    /// <summary>What our server is started with where sessions are limited.</summary>
    public static IReadOnlyList<string> ServerArgumentsFor(string? limit) =>
        limit is null ? ServerArguments : [.. ServerArguments, Verbs.McpVerb.LimitOption, limit];

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string ConfigFolder => GivenFolder ?? Path.Combine(Home, ".claude");

    public string SkillFile => Path.Combine(ConfigFolder, "skills", ServerName, "SKILL.md");

    /// <summary>Where the servers of the user are written down. It need not exist.</summary>
    public string ConfigFile
    {
        get
        {
            string older = Path.Combine(ConfigFolder, ".config.json");
            return File.Exists(older) ? older : Path.Combine(GivenFolder ?? Home, ".claude.json");
        }
    }

    private string? GivenFolder => around.Variable(FolderVariable) is { Length: > 0 } given ? Path.GetFullPath(given) : null;

    private string Home => around.Variable("HOME") is { Length: > 0 } home
        ? home
        : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <returns>Its file; null when it is in none of the usual places.</returns>
    public string? FindProgram()
    {
        // Who names it means it, also when it is not there.
        if (around.Variable(ProgramVariable) is { Length: > 0 } named)
            return IsProgram(Path.GetFullPath(named)) ? Path.GetFullPath(named) : null;

        IEnumerable<string> folders = (around.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Append(Path.Combine(Home, ".local", "bin"))
            .Append(Path.Combine(Home, ".claude", "local"));
        return folders.Select(folder => Path.Combine(folder, "claude")).FirstOrDefault(IsProgram);
    }

    /// <summary>The user's entry for our server.</summary>
    /// <exception cref="IOException">The file is no JSON.</exception>
    public McpEntry? FindEntry()
    {
        if (!File.Exists(ConfigFile))
            return null;

        try
        {
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(ConfigFile));
            return config.RootElement.ValueKind == JsonValueKind.Object
                && config.RootElement.TryGetProperty("mcpServers", out JsonElement servers)
                && servers.ValueKind == JsonValueKind.Object
                && servers.TryGetProperty(ServerName, out JsonElement entry)
                    ? new McpEntry(entry.GetRawText())
                    : null;
        }
        catch (JsonException error)
        {
            throw new IOException($"{ConfigFile} is no JSON ({error.Message}).", error);
        }
    }

    /// <summary>Runs <c>claude mcp</c> with these words.</summary>
    public Task<ChildEnd> RunMcpAsync(string program, IEnumerable<string> words, CancellationToken cancellationToken)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["HOME"] = Home };
        if (GivenFolder is { } folder)
            environment[FolderVariable] = folder;

        return new ChildProgram(program, environment).RunAsync(words.Prepend("mcp"), cancellationToken);
    }

    public static LocalProblem Missing(string whatToDo) => LocalProblem.Of(
        "claude_missing",
        $"Claude Code was not found (PATH, ~/.local/bin, ~/.claude/local, {ProgramVariable}). {whatToDo}",
        404,
        ExitCode.ClaudeMissing);

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != UnixFileMode.None;
}
