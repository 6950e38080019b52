using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh recovery use [BROKER]</c></summary>
internal static class RecoveryUseVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string?> broker = LoginVerb.Broker();
        Option<string?> name = LoginVerb.DeviceName();
        Option<bool> noService = LoginVerb.NoService();
        return new Verb("use", "Opens your account on this machine with the recovery key, when every device is gone.")
        {
            Arguments = { broker },
            Options = { name, noService },
            Examples = ["recovery use https://mesh.example.com"],
            Prints = LoginVerb.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                Terminal terminal = around.Terminal;
                if (!terminal.CanAsk)
                    return terminal.Fail(Proof.NeedsPerson("A recovery key"));
                if (terminal.PromptHidden("Recovery key, nine groups of four:") is not { Length: > 0 } key)
                    return terminal.Fail(Proof.Cancelled());

                LocalReply<LoggedIn> reply = await LoginVerb.ByPasswordAsync(around, parsed.GetValue(broker), parsed.GetValue(name), key, cancellationToken);
                return await LoginVerb.EndAsync(around, reply, LoginVerb.Shape, isService: !parsed.GetValue(noService), cancellationToken);
            },
        };
    }
}
