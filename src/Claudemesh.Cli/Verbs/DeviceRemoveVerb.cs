using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh device remove DEVICE</c></summary>
internal static class DeviceRemoveVerb
{
    private static readonly JsonShape Shape = new(AccountJson.Default.RemovedDevice);

    public static Verb Declare(Surroundings around)
    {
        var device = new Argument<string>("DEVICE") { Description = "its name or the beginning of its key, as `claudemesh device list` shows them" };
        var compromised = new Option<bool>("--compromised")
        {
            Description = "it was lost or stolen: make a new secret without it, and new keys in every workspace",
        };
        Option<string?> broker = DeviceListVerb.Broker();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("remove", "Signs a device out. It keeps the secret that it has; --compromised makes that worthless for what comes.")
        {
            Arguments = { device },
            Options = { compromised, broker, yes },
            Examples = ["device remove old-laptop", "device remove phone --compromised"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new RemoveDevice(parsed.GetValue(broker), parsed.GetRequiredValue(device), parsed.GetValue(compromised));
                string question = request.Compromised
                    ? $"Shut {request.Device} out with a new secret? Your key changes in every workspace and all are told, the recovery key so far opens nothing any more, and each other device asks you."
                    : $"Sign {request.Device} out of your account?";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<RemovedDevice> reply = await Proof.AskAsync(around.Terminal, (password, code) => around.Daemon.AskOnceAsync(
                    (daemon, token) => daemon.RemoveDeviceAsync(request with { Password = password, Code = code }, token), cancellationToken));
                return around.Terminal.Show(reply, Shape, done => Print(around.Terminal, done));
            },
        };
    }

    private static void Print(Terminal terminal, RemovedDevice done)
    {
        terminal.WriteLine($"{PlainText.Line(done.Name)} ({done.Key[..8]}) is no device of yours any more.");
        if (done.Generation is not { } generation)
            return;

        terminal.WriteLine($"Your account has a new secret, generation {generation}.");
        if (done.Renewed.Count > 0)
            terminal.WriteLine($"New key in: {string.Join(", ", done.Renewed.Select(PlainText.Line))}.");
        if (done.Waiting.Count > 0)
            terminal.WriteLine($"These follow as soon as their broker can be reached: {string.Join(", ", done.Waiting.Select(PlainText.Line))}.");
        terminal.WriteLine(done.RecoveryKey is { } key
            ? $"Your new recovery key, shown this once; write it down now:\n\n  {terminal.Bold(key)}\n"
            : "There is no recovery key now: claudemesh recovery new makes one. A passkey has to be set up for recovery anew on the page.");
    }
}
