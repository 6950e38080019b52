using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>What <c>kick</c> and <c>disconnect</c> have in common: whom they are about, and what they print.</summary>
internal static class PeerChoice
{
    private static readonly JsonShape Shape = new(LocalJson.Default.TakenOff, "affected");

    /// <param name="does">What happens to those meant, as in "Kick everybody? They …".</param>
    public static Verb Declare(
        Surroundings around,
        string name,
        string description,
        string does,
        string done,
        Func<LocalClient, TakeOff, CancellationToken, Task<LocalReply<TakenOff>>> ask)
    {
        var peer = new Argument<string?>("PEER") { Description = "a name, a key, or a beginning of a key", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "everybody whom you may take off" };
        Option<TimeSpan?> stale = SharedOptions.OptionalDuration("--stale", "those who have given no sign of life for this long");
        Option<string?> workspace = SharedOptions.Workspace();
        Option<bool> yes = Confirmation.Yes();
        return new Verb(name, description)
        {
            Arguments = { peer },
            Options = { all, stale, workspace, yes },
            Examples = [$"{name} bob", $"{name} --stale 30m --yes", $"{name} --all -w acme --yes"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                TimeSpan? silence = parsed.GetValue(stale);
                var request = new TakeOff(parsed.GetValue(peer), parsed.GetValue(all), (long?)silence?.TotalSeconds, parsed.GetValue(workspace));
                if ((request.Peer is null ? 0 : 1) + (request.All ? 1 : 0) + (request.StaleSeconds is null ? 0 : 1) != 1)
                    return around.Terminal.FailUsage("Say whom: a PEER, --stale TIME or --all, one of them.", (Verb)parsed.CommandResult.Command);

                string whom = request.Peer ?? (request.All ? "everybody" : $"all who are silent for {parsed.GetResult(stale)!.Tokens[0].Value}");
                if (Confirmation.Find(around, parsed, yes, $"{char.ToUpperInvariant(name[0])}{name[1..]} {whom}? {does}") is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<TakenOff> reply = await around.Daemon.AskOnceAsync((daemon, token) => ask(daemon, request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, taken => Print(around.Terminal, taken, done));
            },
        };
    }

    private static void Print(Terminal terminal, TakenOff taken, string done)
    {
        foreach (AffectedPeer peer in taken.Affected)
            terminal.WriteLine($"{done} {PlainText.Line(peer.Name)}");

        if (taken.Affected.Count == 0)
            terminal.WriteLine("Nobody of those was connected.");
        if (taken.Skipped.Count > 0)
            terminal.WriteLine(terminal.Dim($"Left alone, because a 1.x daemon would be back at once: {string.Join(", ", taken.Skipped.Select(PlainText.Line))}."));
    }
}
