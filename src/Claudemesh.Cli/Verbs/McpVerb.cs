using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh mcp</c>: becomes the MCP server, a program of its own because every verb would carry its size.</summary>
internal static class McpVerb
{
    public const string Program = "claudemesh-mcp";

    public static Verb Declare(Surroundings around) =>
        new("mcp", "Puts messages before an AI coding session; its MCP client starts this and speaks with it over standard input and output.")
        {
            Examples = ["mcp"],
            RunAsync = (_, _) => Task.FromResult(around.Terminal.Fail(Become(SiblingProgram.Find(Program)))),
        };

    /// <returns>Why it did not.</returns>
    private static LocalProblem Become(string path)
    {
        string why = File.Exists(path)
            ? new System.ComponentModel.Win32Exception(Posix.Become(path)).Message
            : $"{path} is missing. Install {Program} beside claudemesh";
        return LocalProblem.Of("program_missing", $"The MCP server could not be started: {why}.", 500, ExitCode.Io);
    }
}
