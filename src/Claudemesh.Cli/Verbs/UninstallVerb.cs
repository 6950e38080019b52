using System.CommandLine;
using System.Text;
using Claudemesh.Cli.Claude;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Install;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh uninstall</c>. What was there before the installation is there again, byte for byte; what was never ours stays.</summary>
internal static class UninstallVerb
{
    public static Verb Declare(Surroundings around)
    {
        Option<bool> dryRun = InstallVerb.DryRun();
        return new Verb("uninstall", "Takes the MCP server and the skill out of Claude Code again. Your workspaces and messages stay.")
        {
            Options = { dryRun },
            Examples = ["uninstall", "uninstall --dry-run"],
            Prints = new JsonShape(CliJson.Default.InstallPrinted),
            RunAsync = async (parsed, cancellationToken) =>
            {
                var claude = new ClaudeCode(around);
                var record = new InstallRecord(around.Home);
                bool isDryRun = parsed.GetValue(dryRun);
                string command = record.Find(claude.ConfigFolder).Server?.Command ?? around.Self;
                SkillPrinted skill = new SkillInstall(claude, record, isDryRun).Uninstall(Encoding.UTF8.GetBytes(SkillPage.Of(Verb.RootOf(parsed))));
                (string state, LocalProblem? problem) = await new ServerInstall(claude, record, around.Self, isDryRun).UninstallAsync(cancellationToken);
                return InstallVerb.Show(
                    around.Terminal, new InstallPrinted(isDryRun, new ServerPrinted(state, ClaudeCode.ServerName, command, ClaudeCode.ServerArguments), skill, problem));
            },
        };
    }
}
