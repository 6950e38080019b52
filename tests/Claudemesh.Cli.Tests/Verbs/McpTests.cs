using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

public sealed class McpTests
{
    [Fact]
    public async Task A_missing_server_is_told_with_where_it_should_be()
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync("mcp");

        string path = SiblingProgram.Find(McpVerb.Program);
        Assert.Equal(new Seen("", $"claudemesh: The MCP server could not be started: {path} is missing. Install claudemesh-mcp beside claudemesh.\n", ExitCode.Io), seen);
    }

    [Fact]
    public void A_file_that_is_no_program_gives_the_reason_of_the_operating_system() =>
        Assert.NotEqual(0, Posix.Become(Path.GetTempPath()));
}
