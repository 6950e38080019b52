namespace Claudemesh.Cli.Tests.Install;

/// <summary>
/// The other side of <c>install</c>: a program called <c>claude</c> that understands <c>mcp add | add-json | remove</c> of the user's servers and keeps
/// its own configuration as Claude Code does.
/// </summary>
internal sealed class ScriptedClaude
{
    private const string Script = """
        #!/bin/sh
        printf '%s\n' "$*" >> "$(dirname "$0")/calls"
        [ "$1 $3 $4 $5" = "mcp --scope user claudemesh" ] || { echo "what is $*?" >&2; exit 64; }
        file=${CLAUDE_CONFIG_DIR:-$HOME}/.claude.json
        if [ "$2" = remove ]; then
          grep -q '"claudemesh":' "$file" 2>/dev/null || { echo 'No MCP server named "claudemesh" in user scope' >&2; exit 1; }
          entry=
        else
          grep -q '"claudemesh":' "$file" 2>/dev/null && { echo 'MCP server claudemesh already exists in user config' >&2; exit 1; }
          if [ "$2" = add-json ]; then
            entry="\"claudemesh\":$6"
          else
            program=$7
            shift 7
            words=
            for word; do words="$words${words:+,}\"$word\""; done
            entry="\"claudemesh\":{\"type\":\"stdio\",\"command\":\"$program\",\"args\":[$words],\"env\":{}}"
          fi
        fi
        mkdir -p "$(dirname "$file")"
        printf '{"numStartups":1,"mcpServers":{%s}}' "$entry" > "$file"

        """;

    private readonly string folder;

    public ScriptedClaude(string folder, string? script = null)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Program, script ?? Script);
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Program => Path.Combine(folder, "claude");

    /// <summary>The words of each call, one line each.</summary>
    public IReadOnlyList<string> Calls => File.Exists(Path.Combine(folder, "calls")) ? File.ReadAllLines(Path.Combine(folder, "calls")) : [];
}
