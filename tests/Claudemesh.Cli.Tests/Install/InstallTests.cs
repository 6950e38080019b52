using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Install;

/// <summary>Claude Code knows claudemesh after <c>install</c>, and everything is as it was after <c>uninstall</c>.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly Desk desk = new();
    private readonly ScriptedClaude claude;

    public InstallTests()
    {
        claude = new ScriptedClaude(Path.Combine(desk.Folder, "bin"));
        desk.Variables["PATH"] = Path.Combine(desk.Folder, "bin");
    }

    private string Skill => Path.Combine(desk.Folder, ".claude", "skills", "claudemesh", "SKILL.md");

    private string Config => Path.Combine(desk.Folder, ".claude.json");

    [Fact]
    [Trait("cli", "7 claude's files: two that write them")]
    public async Task Installing_adds_the_server_by_claudes_own_command_and_writes_the_skill()
    {
        Seen people = await desk.TypeAsync("install", "--dry-run");
        Seen json = await desk.TypeAsync("install", "--json");

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok), (people.Code, people.Error, json.Code));
        Assert.Equal(["mcp add --scope user claudemesh -- /opt/claudemesh/claudemesh mcp"], claude.Calls);
        Assert.Equal(["/opt/claudemesh/claudemesh", "mcp"], Entry().Take(2));
        Assert.StartsWith("---\nname: claudemesh\n", await File.ReadAllTextAsync(Skill), StringComparison.Ordinal);
        Golden.Matches("install.txt", people.Output.Replace(desk.Folder, "HOME", StringComparison.Ordinal));
        Golden.Matches("install.json", json.Output.Replace(desk.Folder, "HOME", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Installing_again_changes_nothing_and_asks_claude_nothing()
    {
        await desk.TypeAsync("install");
        Dictionary<string, string> before = Snapshot();

        Seen seen = await desk.TypeAsync("install", "--json");

        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Equal(("unchanged", "unchanged"), States(seen));
        Assert.Single(claude.Calls);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task An_installation_for_automated_runs_starts_sessions_limited_and_is_undone_like_any_other()
    {
        await desk.TypeAsync("install");
        Seen limited = await desk.TypeAsync("install", "--limit", "read,send", "--json");
        string[] entry = [.. Entry().Take(4)];
        Seen again = await desk.TypeAsync("install", "--limit", "read,send", "--json");
        Seen removed = await desk.TypeAsync("uninstall", "--json");

        Assert.Equal(["/opt/claudemesh/claudemesh", "mcp", "--limit", "read,send"], entry);
        Assert.Equal(("replaced", "unchanged", "removed"), (States(limited).Item1, States(again).Item1, States(removed).Item1));
    }

    [Fact]
    [Trait("cli", "7 wiring: an uninstall that leaves things behind")]
    public async Task Uninstalling_leaves_no_file_and_no_folder_that_was_not_there_before()
    {
        await new ChildProgram(claude.Program, new Dictionary<string, string> { ["HOME"] = desk.Folder })
            .RunAsync(["mcp", "add-json", "--scope", "user", "claudemesh", """{"command":"x","args":[]}"""], CancellationToken.None);
        await new ChildProgram(claude.Program, new Dictionary<string, string> { ["HOME"] = desk.Folder })
            .RunAsync(["mcp", "remove", "--scope", "user", "claudemesh"], CancellationToken.None);
        Dictionary<string, string> before = Snapshot();
        await desk.TypeAsync("install");

        Seen seen = await desk.TypeAsync("uninstall", "--json");

        Assert.Equal((ExitCode.Ok, ("removed", "removed")), (seen.Code, States(seen)));
        Assert.Equal(before, Snapshot());
        Golden.Matches("uninstall.json", seen.Output.Replace(desk.Folder, "HOME", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("cli", "7 claude's files: leftovers of an uninstall")]
    public async Task What_was_there_before_is_there_again_byte_for_byte()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Skill)!);
        byte[] theirs = [0xEF, 0xBB, 0xBF, .. "an older skill\r\n"u8, 0x00, 0xFF];
        await File.WriteAllBytesAsync(Skill, theirs);
        File.SetUnixFileMode(Skill, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(Config, """{"numStartups":1,"mcpServers":{"claudemesh":{"command":"/old/claudemesh","args":["mcp","--old"],"env":{"K":"V"}}}}""");
        Dictionary<string, string> before = Snapshot();

        Seen installed = await desk.TypeAsync("install", "--json");
        Assert.Equal((ExitCode.Ok, ("replaced", "updated")), (installed.Code, States(installed)));
        Assert.Equal(theirs, await File.ReadAllBytesAsync(Skill + ".bak"));
        Seen uninstalled = await desk.TypeAsync("uninstall", "--json");

        Assert.Equal((ExitCode.Ok, ("restored", "restored")), (uninstalled.Code, States(uninstalled)));
        Assert.Equal(before, Snapshot());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Skill));
    }

    [Fact]
    public async Task What_the_user_wrote_into_the_skill_since_is_kept_beside_it()
    {
        await desk.TypeAsync("install");
        await File.AppendAllTextAsync(Skill, "\nmy own rule\n");

        Seen again = await desk.TypeAsync("install");
        Assert.Contains($"kept as {Skill}.bak", again.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Skill, "all mine");
        Seen gone = await desk.TypeAsync("uninstall");

        Assert.Contains($"kept as {Skill}.bak2", gone.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nmy own rule\n", await File.ReadAllTextAsync(Skill + ".bak"), StringComparison.Ordinal);
        Assert.Equal("all mine", await File.ReadAllTextAsync(Skill + ".bak2"));
        Assert.False(File.Exists(Skill));
    }

    [Fact]
    public async Task An_entry_that_the_user_changed_since_stays_his()
    {
        await desk.TypeAsync("install");
        string theirs = (await File.ReadAllTextAsync(Config)).Replace("\"mcp\"", "\"mcp\",\"--verbose\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Config, theirs);

        Seen seen = await desk.TypeAsync("uninstall");

        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Contains("MCP server: kept", seen.Output, StringComparison.Ordinal);
        Assert.Equal(theirs, await File.ReadAllTextAsync(Config));
    }

    [Fact]
    public async Task A_program_that_has_moved_takes_over_its_own_entry_and_leaves_none_behind()
    {
        await desk.TypeAsync("install");
        desk.Self = "/opt/newer place/claudemesh";

        Seen moved = await desk.TypeAsync("install", "--json");
        Assert.Equal(("replaced", "unchanged"), States(moved));
        Assert.Equal("/opt/newer place/claudemesh", Entry()[0]);
        await desk.TypeAsync("uninstall");

        Assert.Empty(Entry());
    }

    [Fact]
    public async Task Without_claude_the_skill_is_installed_and_the_rest_is_told_with_exit_code_9()
    {
        File.Delete(claude.Program);

        Seen people = await desk.TypeAsync("install");
        Seen json = await desk.TypeAsync("install", "--json");

        Assert.Equal((ExitCode.ClaudeMissing, ExitCode.ClaudeMissing, ""), (people.Code, json.Code, json.Error));
        Assert.StartsWith("claudemesh: Claude Code was not found (PATH, ~/.local/bin, ~/.claude/local, CLAUDE_BIN). The skill is installed all the same.", people.Error, StringComparison.Ordinal);
        Assert.Equal("claude_missing", JsonDocument.Parse(json.Output).RootElement.GetProperty("problem").GetProperty("error").GetString());
        Assert.True(File.Exists(Skill));
        // Nothing of ours is in Claude Code's list, so taking the skill away is all there is to do.
        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("uninstall")).Code);
        Assert.False(File.Exists(Skill));
    }

    [Theory]
    [InlineData(".local/bin")]
    [InlineData(".claude/local")]
    public async Task Claude_is_found_where_it_installs_itself(string place)
    {
        File.Delete(claude.Program);
        var elsewhere = new ScriptedClaude(Path.Combine(desk.Folder, place));

        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("install")).Code);
        Assert.Single(elsewhere.Calls);
    }

    [Fact]
    public async Task The_program_that_the_environment_names_comes_first_and_alone()
    {
        var named = new ScriptedClaude(Path.Combine(desk.Folder, "named"));
        desk.Variables["CLAUDE_BIN"] = named.Program;
        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("install")).Code);
        Assert.Equal((1, 0), (named.Calls.Count, claude.Calls.Count));

        await desk.TypeAsync("uninstall");
        desk.Variables["CLAUDE_BIN"] = "/nowhere/claude";
        Assert.Equal(ExitCode.ClaudeMissing, (await desk.TypeAsync("install")).Code);
    }

    [Fact]
    public async Task Another_config_folder_is_honoured_and_remembered_by_itself()
    {
        string other = Path.Combine(desk.Folder, "other claude");
        await desk.TypeAsync("install");
        desk.Variables["CLAUDE_CONFIG_DIR"] = other;

        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("install")).Code);
        Assert.True(File.Exists(Path.Combine(other, "skills", "claudemesh", "SKILL.md")));
        Assert.True(File.Exists(Path.Combine(other, ".claude.json")));
        await desk.TypeAsync("uninstall");

        Assert.False(Directory.Exists(Path.Combine(other, "skills")));
        Assert.True(File.Exists(Skill));
        Assert.NotEmpty(Entry());
    }

    [Fact]
    [Trait("cli", "7 wiring: options of install that do nothing")]
    public async Task A_dry_run_changes_nothing()
    {
        Dictionary<string, string> before = Snapshot();

        Seen install = await desk.TypeAsync("install", "--dry-run", "--json");

        Assert.Equal((ExitCode.Ok, ("added", "written")), (install.Code, States(install)));
        Assert.Equal(before, Snapshot());
        await desk.TypeAsync("install");
        Dictionary<string, string> installed = Snapshot();
        Seen uninstall = await desk.TypeAsync("uninstall", "--dry-run", "--json");
        Assert.Equal(("removed", "removed"), States(uninstall));
        Assert.Equal(installed, Snapshot());
    }

    [Fact]
    public async Task A_claude_that_does_not_do_it_is_quoted()
    {
        var broken = new ScriptedClaude(Path.Combine(desk.Folder, "broken"), "#!/bin/sh\necho 'the config is locked' >&2\nexit 1\n");
        desk.Variables["CLAUDE_BIN"] = broken.Program;

        Seen seen = await desk.TypeAsync("install");

        Assert.Equal(ExitCode.Internal, seen.Code);
        Assert.Contains("`claude mcp add` did not do it (the config is locked). Add the server yourself: claude mcp add --scope user claudemesh -- /opt/claudemesh/claudemesh mcp", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_no_json_is_told_and_left_alone()
    {
        await File.WriteAllTextAsync(Config, "{ half");

        Seen seen = await desk.TypeAsync("install");

        Assert.Equal(ExitCode.Io, seen.Code);
        Assert.Contains($"{Config} is no JSON", seen.Error, StringComparison.Ordinal);
        Assert.Equal("{ half", await File.ReadAllTextAsync(Config));
    }

    public void Dispose() => desk.Dispose();

    private static (string Server, string Skill) States(Seen seen)
    {
        JsonElement record = JsonDocument.Parse(seen.Output).RootElement;
        return (record.GetProperty("server").GetProperty("state").GetString()!, record.GetProperty("skill").GetProperty("state").GetString()!);
    }

    /// <summary>Command and arguments of the entry; empty when there is none.</summary>
    private string[] Entry()
    {
        JsonElement servers = JsonDocument.Parse(File.ReadAllText(Config)).RootElement.GetProperty("mcpServers");
        return servers.TryGetProperty("claudemesh", out JsonElement entry)
            ? [entry.GetProperty("command").GetString()!, .. entry.GetProperty("args").EnumerateArray().Select(word => word.GetString()!)]
            : [];
    }

    /// <summary>Every file and folder of the person's, with its content, less our own folder and the calls that were counted.</summary>
    private Dictionary<string, string> Snapshot() => Directory
        .EnumerateFileSystemEntries(desk.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Where(path => !path.StartsWith(desk.Home.Folder, StringComparison.Ordinal) && Path.GetFileName(path) != "calls")
        .ToDictionary(path => path, path => File.Exists(path) ? Convert.ToBase64String(File.ReadAllBytes(path)) : "folder", StringComparer.Ordinal);
}
