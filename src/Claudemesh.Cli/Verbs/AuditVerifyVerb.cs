using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh audit verify</c></summary>
internal static class AuditVerifyVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.AuditCheck);

    public static Verb Declare(Surroundings around)
    {
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("verify", "Computes every hash of the audit chain again, and compares its end with the one that this machine saw before. For owners and admins.")
        {
            Options = { workspace },
            Examples = ["audit verify", "audit verify -w acme --json=sound,entries,head"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? where = parsed.GetValue(workspace);
                LocalReply<AuditCheck> reply = await around.Daemon.AskAsync((daemon, token) => daemon.CheckAuditAsync(where, token), cancellationToken);
                ExitCode shown = around.Terminal.Show(reply, Shape, check => Print(around.Terminal, check));
                return reply.Value is { Sound: false } ? ExitCode.Denied : shown;
            },
        };
    }

    private static void Print(Terminal terminal, AuditCheck check)
    {
        terminal.WriteLine(check.Sound
            ? $"The audit chain of {PlainText.Line(check.Workspace)} is sound: {check.Entries} entries"
            : $"THE AUDIT CHAIN OF {PlainText.Line(check.Workspace)} IS NOT SOUND from entry {check.BrokenAt} on");
        if (check.Fault is { } fault)
            terminal.WriteLine("  " + PlainText.Line(fault));

        terminal.WriteLine($"  head  {check.Head}");
        if (check.SeenSeq > 0)
            terminal.WriteLine(terminal.Dim($"This machine had seen it up to entry {check.SeenSeq} before."));
    }
}
