using System.Text.Json;

namespace Claudemesh.Cli.Claude;

/// <summary>What Claude Code has written down about a server.</summary>
/// <param name="Json">As it stands there.</param>
internal sealed record McpEntry(string Json)
{
    /// <summary>Whether it starts this program as our server, whatever its sessions are left.</summary>
    public bool StartsOurs(string program) =>
        Starts(program, ClaudeCode.ServerArguments) || Read(program) is [var verb, Verbs.McpVerb.LimitOption, _] && verb == ClaudeCode.ServerArguments[0];

    /// <summary>Whether it starts this program, with these words, and says nothing else that would matter.</summary>
    public bool Starts(string program, IReadOnlyList<string> words) => Read(program)?.SequenceEqual(words, StringComparer.Ordinal) == true;

    /// <summary>The words that it starts this program with; null where it starts another.</summary>
    private string[]? Read(string program)
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        JsonElement entry = document.RootElement;
        bool isProgram = entry.ValueKind == JsonValueKind.Object
            && entry.TryGetProperty("command", out JsonElement command)
            && command.ValueKind == JsonValueKind.String
            && command.ValueEquals(program)
            && entry.TryGetProperty("args", out JsonElement given)
            && given.ValueKind == JsonValueKind.Array;
        return isProgram ? [.. entry.GetProperty("args").EnumerateArray().Select(word => word.ToString())] : null;
    }
}
