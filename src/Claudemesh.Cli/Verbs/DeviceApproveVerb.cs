using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh device approve CODE [PAIRING]</c></summary>
internal static class DeviceApproveVerb
{
    public static readonly JsonShape Shape = new(AccountJson.Default.DeviceDecision);

    public static Argument<string> Code() => new("CODE") { Description = "the code that the new machine shows, ABCD-EFGH, or its whole link in quotes" };

    public static Verb Declare(Surroundings around)
    {
        Argument<string> code = Code();
        var pairing = new Argument<string?>("PAIRING") { Description = "the 26 characters that it shows beside the code; asked for if left out", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> broker = DeviceListVerb.Broker();
        return new Verb("approve", "Lets another machine become you: gives it your account's secret, which only that machine can open.")
        {
            Arguments = { code, pairing },
            Options = { broker },
            Examples = ["device approve ABCD-EFGH", "device approve 'https://mesh.example.com/device?code=ABCD-EFGH#1.SECRET'"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string link, string? at) = (parsed.GetRequiredValue(code), parsed.GetValue(broker));
                LocalReply<DeviceDecision> reply = await RunAsync(around, link, parsed.GetValue(pairing), at, cancellationToken);
                return around.Terminal.Show(reply, Shape, done => around.Terminal.WriteLine(
                    $"{PlainText.Line(done.Name)} ({done.Key[..8]}) is one of your devices now. Was that a mistake? claudemesh device remove {done.Key[..8]} --compromised"));
            },
        };
    }

    private static async Task<LocalReply<DeviceDecision>> RunAsync(Surroundings around, string link, string? pairing, string? broker, CancellationToken cancellationToken)
    {
        Terminal terminal = around.Terminal;
        if (!terminal.CanAsk)
            return Proof.NeedsPerson("Whether another machine may become you");

        LocalReply<DeviceRequest> found = await around.Daemon.AskAsync((daemon, token) => daemon.FindDeviceRequestAsync(broker, link, token), cancellationToken);
        if (found.Value is not { } request)
            return found.Problem!;

        if (!link.Contains('#', StringComparison.Ordinal) && string.IsNullOrWhiteSpace(pairing))
            pairing = terminal.Prompt("The pairing secret that the new machine shows, 26 characters:");

        string? typed = null;
        string name = PlainText.Line(request.Name);
        terminal.WriteLine($"{terminal.Bold(name)}, key {request.Key[..8]}, {PlainText.Line(request.Platform ?? "platform not said")}, asked from {PlainText.Line(request.Address)} at {around.Minute(request.CreatedAt)}.");
        if (request.SameComputer)
        {
            if (!terminal.Ask("It says that it is this computer. Let it become you?"))
                return Proof.Cancelled();
        }
        else
        {
            terminal.WriteLine(terminal.Bold("ANOTHER MACHINE will become you: it reads everything, writes as you, and stays until you remove it."));
            terminal.WriteLine("Go on only if you have just begun a login there yourself; somebody who sent you this code is trying to become you.");
            typed = terminal.Prompt($"Type the machine's name to let it in ({name}):");
            if (typed != request.Name)
                return Proof.Cancelled();
        }

        var approval = new ApproveDevice(broker ?? request.Broker, link, pairing, typed);
        return await Proof.AskAsync(terminal, (password, code) => around.Daemon.AskOnceAsync(
            (daemon, token) => daemon.ApproveDeviceAsync(approval with { Password = password, Code = code }, token), cancellationToken));
    }
}
