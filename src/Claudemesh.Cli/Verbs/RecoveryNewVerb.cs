using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh recovery new</c>. The key counts once its person has shown that he wrote it down.</summary>
internal static class RecoveryNewVerb
{
    private const int GroupAsked = 4;

    private static readonly JsonShape Shape = new(AccountJson.Default.KeptRecovery);

    public static Verb Declare(Surroundings around)
    {
        Option<string?> broker = DeviceListVerb.Broker();
        return new Verb("new", "Prints a recovery key once: with your login it opens your account when every device is gone. One that there was stops opening it.")
        {
            Options = { broker },
            Examples = ["recovery new"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                LocalReply<KeptRecovery> reply = await RunAsync(around, parsed.GetValue(broker), cancellationToken);
                return around.Terminal.Show(reply, Shape, done => around.Terminal.WriteLine(
                    $"From now on this key opens your account{(done.Replaced ? "; the one before does not any more" : "")}. Keep it where none of your devices is."));
            },
        };
    }

    private static async Task<LocalReply<KeptRecovery>> RunAsync(Surroundings around, string? broker, CancellationToken cancellationToken)
    {
        Terminal terminal = around.Terminal;
        if (!terminal.CanAsk)
            return Proof.NeedsPerson("That a recovery key is written down");

        LocalReply<MadeRecovery> made = await around.Daemon.AskAsync((daemon, token) => daemon.MakeRecoveryAsync(new MakeRecovery(broker), token), cancellationToken);
        if (made.Value is not { } recovery)
            return made.Problem!;

        terminal.WriteLine("Write this down now, on paper. It is shown this once and kept nowhere:");
        terminal.WriteLine();
        terminal.WriteLine("  " + terminal.Bold(recovery.Key));
        terminal.WriteLine();
        string wanted = recovery.Key.Split('-')[GroupAsked - 1];
        if (!string.Equals(terminal.Prompt($"Type its {GroupAsked}th group of four:"), wanted, StringComparison.OrdinalIgnoreCase))
            return LocalProblem.Of("cancelled", "That is not what is written there; the key was thrown away, and nothing has changed.", 499, ExitCode.Cancelled);

        return await Proof.AskAsync(terminal, (password, code) => around.Daemon.AskOnceAsync(
            (daemon, token) => daemon.KeepRecoveryAsync(new KeepRecovery(recovery.Broker, recovery.Key, password, code), token), cancellationToken));
    }
}
