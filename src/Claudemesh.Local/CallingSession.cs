using Claudemesh.Protocol;

namespace Claudemesh.Local;

/// <summary>How an agent tells the programs that it starts, servers and shell commands, which session they belong to.</summary>
public static class CallingSession
{
    // Ours, for agents of any kind, before Claude Code's own.
    private static readonly string[] Variables = ["CLAUDEMESH_SESSION_ID", "CLAUDE_CODE_SESSION_ID"];

    /// <returns>Null when no session started this program, or one whose id is none of ours.</returns>
    public static string? Find(Func<string, string?> readVariable) => Variables
        .Select(variable => SessionId.TryParse(readVariable(variable), out SessionId session) ? session.Value : null)
        .FirstOrDefault(session => session is not null);
}
