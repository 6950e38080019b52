using System.Text.RegularExpressions;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>What <c>docs/protocol.md</c> says, for tests that hold the broker to it.</summary>
internal static partial class ProtocolDocument
{
    /// <summary>The types in its last table.</summary>
    public static string[] UnknownTypes()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Claudemesh.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("There is no repository above the tests.");

        string document = File.ReadAllText(Path.Combine(folder.FullName, "docs", "protocol.md"));
        string section = document[document.IndexOf("## Types of 1.x that are answered `unknown_message_type`", StringComparison.Ordinal)..];
        return [.. section.Split('\n').Where(line => line.StartsWith('|')).SelectMany(line => Type().Matches(line)).Select(match => match.Groups["type"].Value)];
    }

    [GeneratedRegex("`(?<type>[a-z_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Type();
}
