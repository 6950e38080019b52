namespace Claudemesh.Cli.CommandLine;

/// <summary>What the pages say about <see cref="Local.ExitCode"/>.</summary>
internal static class ExitCodes
{
    public static readonly IReadOnlyList<(int Code, string Meaning)> All =
    [
        (0, "done"),
        (1, "cancelled"),
        (2, "the broker does not believe who you are"),
        (3, "a command line that cannot be run"),
        (4, "the network, the broker or the daemon cannot be reached"),
        (5, "not found"),
        (6, "it exists already"),
        (7, "not permitted"),
        (8, "a bug, or an answer that makes no sense"),
        (9, "Claude Code was not found"),
        (10, "a file or the disk"),
    ];

    public static string Sentence => string.Join(", ", All.Select(one => $"{one.Code} {one.Meaning}")) + ".";
}
