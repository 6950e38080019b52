using System.Text.Json;

namespace Claudemesh.Cli.Claude;

/// <summary>What Claude Code has written down about a server.</summary>
/// <param name="Json">As it stands there.</param>
internal sealed record McpEntry(string Json)
{
    /// <summary>Whether it starts this program, with these words, and says nothing else that would matter.</summary>
    public bool Starts(string program, IReadOnlyList<string> words)
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        JsonElement entry = document.RootElement;
        return entry.ValueKind == JsonValueKind.Object
            && entry.TryGetProperty("command", out JsonElement command)
            && command.ValueKind == JsonValueKind.String
            && command.ValueEquals(program)
            && entry.TryGetProperty("args", out JsonElement given)
            && given.ValueKind == JsonValueKind.Array
            && given.EnumerateArray().Select(word => word.ToString()).SequenceEqual(words, StringComparer.Ordinal);
    }
}
