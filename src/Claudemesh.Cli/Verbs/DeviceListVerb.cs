using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh device list</c></summary>
internal static class DeviceListVerb
{
    private const int KeyLength = 8;

    private static readonly JsonShape Shape = new(AccountJson.Default.DeviceList, "devices");

    public static Option<string?> Broker() => new("--broker") { Description = "the broker of the account, where you have several", HelpName = "BROKER" };

    public static Verb Declare(Surroundings around)
    {
        Option<string?> broker = Broker();
        return new Verb("list", "Lists the machines and browsers that are you.")
        {
            Options = { broker },
            Examples = ["device list", "device list --json=name,key,current"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? at = parsed.GetValue(broker);
                LocalReply<DeviceList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListDevicesAsync(at, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, list => Print(around, list));
            },
        };
    }

    private static void Print(Surroundings around, DeviceList list)
    {
        Terminal terminal = around.Terminal;
        terminal.Write(Table.Of(
        [
            .. list.Devices.Select(one => new[]
            {
                PlainText.Line(one.Name),
                one.Key[..Math.Min(KeyLength, one.Key.Length)],
                PlainText.Line(one.Kind),
                $"since {around.Minute(one.AddedAt)}",
                one.Current ? "this machine" : one.LastSeenAt is { } seen ? $"seen {around.Minute(seen)}" : "never seen",
                one.Proven ? "" : "NOT LET IN BY YOUR ACCOUNT'S KEY",
            }),
        ]));
        if (list.Devices.FirstOrDefault(one => !one.Proven) is { } doubtful)
        {
            terminal.WriteLine(
                $"The broker shows a device that none of yours has let in. Shut it out with a new secret: claudemesh device remove {doubtful.Key[..KeyLength]} --compromised");
        }
    }
}
