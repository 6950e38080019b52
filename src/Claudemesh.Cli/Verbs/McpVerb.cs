using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh mcp</c>: becomes the MCP server, a program of its own because every verb would carry its size.</summary>
internal static class McpVerb
{
    public const string Program = "claudemesh-mcp";

    /// <summary>What the program is told its session may do.</summary>
    public const string LimitOption = "--limit";

    public static Verb Declare(Surroundings around)
    {
        Option<string?> limit = SessionLimitVerb.Words(LimitOption, "leave the session these and no others");
        return new("mcp", "Puts messages before an AI coding session; its MCP client starts this and speaks with it over standard input and output.")
        {
            Options = { limit },
            Examples = ["mcp", "mcp --limit read,send"],
            RunAsync = (parsed, _) => Task.FromResult(around.Terminal.Fail(Become(SiblingProgram.Find(Program), parsed.GetValue(limit)))),
        };
    }

    /// <returns>Why it did not.</returns>
    private static LocalProblem Become(string path, string? limit)
    {
        string why = File.Exists(path)
            ? new System.ComponentModel.Win32Exception(limit is null ? Posix.Become(path) : Posix.Become(path, LimitOption, limit)).Message
            : $"{path} is missing. Install {Program} beside claudemesh";
        return LocalProblem.Of("program_missing", $"The MCP server could not be started: {why}.", 500, ExitCode.Io);
    }
}
