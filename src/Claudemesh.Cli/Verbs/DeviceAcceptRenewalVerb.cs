using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh device accept-renewal</c></summary>
internal static class DeviceAcceptRenewalVerb
{
    private static readonly JsonShape Shape = new(AccountJson.Default.AcceptedRenewal);

    public static Verb Declare(Surroundings around)
    {
        Option<string?> broker = DeviceListVerb.Broker();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("accept-renewal", "Takes over the new secret that another of your devices has made after one was lost.")
        {
            Options = { broker, yes },
            Examples = ["device accept-renewal"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? at = parsed.GetValue(broker);
                LocalReply<RenewalOffer> offer = await around.Daemon.AskAsync((daemon, token) => daemon.FindRenewalAsync(at, token), cancellationToken);
                if (offer.Value is not { } renewal)
                    return around.Terminal.Fail(offer.Problem!);

                string removed = string.Join(", ", renewal.Removed.Select(key => key[..8]));
                string question =
                    $"Your device {renewal.By[..8]} made a new secret on {around.Minute(renewal.At)}, generation {renewal.Generation}, and shut out {removed}. Did you do that? Whoever did becomes you on this machine too.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<AcceptedRenewal> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.AcceptRenewalAsync(new AcceptRenewal(at), token), cancellationToken);
                return around.Terminal.Show(reply, Shape, done => Print(around.Terminal, done));
            },
        };
    }

    private static void Print(Terminal terminal, AcceptedRenewal done)
    {
        terminal.WriteLine($"This machine has the new secret, generation {done.Generation}.");
        if (done.Waiting.Count > 0)
            terminal.WriteLine($"These follow as soon as their broker can be reached: {string.Join(", ", done.Waiting.Select(PlainText.Line))}.");
    }
}
