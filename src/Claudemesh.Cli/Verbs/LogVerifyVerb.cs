using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh log verify</c></summary>
internal static class LogVerifyVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.LogCheck);

    public static Verb Declare(Surroundings around)
    {
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("verify", "Checks every hash and signature of the log again, and prints what to compare with another member.")
        {
            Options = { workspace },
            Examples = ["log verify", "log verify -w acme --json=sound,seq,head"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? where = parsed.GetValue(workspace);
                LocalReply<LogCheck> reply = await around.Daemon.AskAsync((daemon, token) => daemon.CheckLogAsync(where, token), cancellationToken);
                ExitCode shown = around.Terminal.Show(reply, Shape, check => Print(around.Terminal, check));
                return reply.Value is { Sound: false } ? ExitCode.Denied : shown;
            },
        };
    }

    private static void Print(Terminal terminal, LogCheck check)
    {
        terminal.WriteLine(check.Sound
            ? $"The log of {PlainText.Line(check.Workspace)} is sound: {check.Seq} records, {check.Members} members, root key {check.Epoch}"
            : $"THE LOG OF {PlainText.Line(check.Workspace)} IS NOT SOUND: nothing is sent there");
        if (check.Fault is { } fault)
            terminal.WriteLine("  " + PlainText.Line(fault));

        terminal.WriteLine($"  head  {check.Head}");
        terminal.WriteLine($"  pin   {check.Pin}");
        if (!check.RootInHand)
            terminal.WriteLine("  the current root key is not here yet");
        if (check.RotationDue)
            terminal.WriteLine("  a new root key is due: whoever sends next makes it");
        terminal.WriteLine(terminal.Dim($"Who sees another head at record {check.Seq} sees another log: compare it over another channel."));
    }
}
