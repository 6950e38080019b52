using System.Text.Json;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>How a shared value is shown to people.</summary>
internal static class StatePrint
{
    private const int ShortCharsMax = 60;

    /// <summary>A text as itself, anything else as JSON.</summary>
    public static string Value(SharedState entry) => entry.Value switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } json => json.GetRawText(),
    };

    /// <summary>The beginning of it, on one line.</summary>
    public static string Short(SharedState entry)
    {
        if (entry.Value is null)
            return entry.Deleted ? "(deleted)" : "(cannot be read yet)";

        string line = PlainText.Line(Value(entry).ReplaceLineEndings(" "));
        return line.Length <= ShortCharsMax ? line : line[..(ShortCharsMax - 1)] + "…";
    }

    public static string Circumstances(Surroundings around, SharedState entry)
    {
        List<string> facts = [$"revision {entry.Revision}", "by " + PlainText.Line(entry.WrittenBy), around.Minute(entry.WrittenAt)];
        if (!entry.Encrypted)
            facts.Add("not encrypted, the writer vouched for by the server");
        return string.Join(", ", facts);
    }

    /// <summary>Beside what is printed: why it is not what the broker gave last.</summary>
    public static void WarnOf(Terminal terminal, SharedState entry)
    {
        if (entry.Trouble is { } trouble)
            terminal.Warn($"{PlainText.Line(entry.Key)} in {PlainText.Line(entry.Workspace)}: {PlainText.Line(trouble)}.");
    }
}
