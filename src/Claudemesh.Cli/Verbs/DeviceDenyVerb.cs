using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh device deny CODE</c></summary>
internal static class DeviceDenyVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> code = DeviceApproveVerb.Code();
        Option<string?> broker = DeviceListVerb.Broker();
        return new Verb("deny", "Refuses a machine that asks to become you; its login ends.")
        {
            Arguments = { code },
            Options = { broker },
            Examples = ["device deny ABCD-EFGH"],
            Prints = DeviceApproveVerb.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new DenyDevice(parsed.GetValue(broker), parsed.GetRequiredValue(code));
                LocalReply<DeviceDecision> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.DenyDeviceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, DeviceApproveVerb.Shape, done => around.Terminal.WriteLine($"{PlainText.Line(done.Name)} was refused."));
            },
        };
    }
}
