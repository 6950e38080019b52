using System.Text;
using Claudemesh.Cli.Claude;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>Claude Code is there, and knows this program. Who uses only the terminal needs neither.</summary>
internal static class ClaudeChecks
{
    private const string Install = "claudemesh install";

    public static IEnumerable<Finding> Run(Surroundings around, Verb root)
    {
        var claude = new ClaudeCode(around);
        yield return claude.FindProgram() is { } program
            ? Finding.Ok("claude", program)
            : Finding.Warning("claude", ClaudeCode.Missing("Sessions cannot take part without it.").Detail, $"npm install -g @anthropic-ai/claude-code && {Install}");
        yield return CheckServer(claude, around.Self);
        yield return CheckSkill(claude, root);
    }

    private static Finding CheckServer(ClaudeCode claude, string self)
    {
        try
        {
            return claude.FindEntry() switch
            {
                null => Finding.Warning("server", $"Claude Code does not know the MCP server {ClaudeCode.ServerName}.", Install),
                { } entry when entry.StartsOurs(self) => Finding.Ok("server", $"{ClaudeCode.ServerName} = {self}"),
                _ => Finding.Warning("server", $"Claude Code's server {ClaudeCode.ServerName} is not this program, {self}.", Install),
            };
        }
        catch (IOException error)
        {
            return Finding.Error("server", ExitCode.Io, error.Message, $"mv {Shell.Quote(claude.ConfigFile)} {Shell.Quote(claude.ConfigFile + ".broken")}");
        }
    }

    private static Finding CheckSkill(ClaudeCode claude, Verb root)
    {
        if (!File.Exists(claude.SkillFile))
            return Finding.Warning("skill", $"{claude.SkillFile} is missing: sessions do not know how to use claudemesh.", Install);

        return File.ReadAllBytes(claude.SkillFile).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(SkillPage.Of(root)))
            ? Finding.Ok("skill", claude.SkillFile)
            : Finding.Warning("skill", $"{claude.SkillFile} is not what this version would write.", Install);
    }
}
