using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh whoami</c>. It only asks: whatever the answer, nobody is signed out by it.</summary>
internal static class WhoAmIVerb
{
    private static readonly JsonShape Shape = new(AccountJson.Default.AccountList, "accounts");

    public static Verb Declare(Surroundings around)
    {
        var offline = new Option<bool>("--offline") { Description = "do not ask the brokers: say what is known here" };
        return new Verb("whoami", "Says which accounts this machine is logged in to, and how sure that is.")
        {
            Options = { offline },
            Examples = ["whoami", "whoami --json=username,state"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                bool asks = !parsed.GetValue(offline);
                LocalReply<AccountList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListAccountsAsync(asks, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, list => Print(around, list));
            },
        };
    }

    private static void Print(Surroundings around, AccountList list)
    {
        if (list.Accounts.Count == 0)
            around.Terminal.WriteLine("You are logged in nowhere: claudemesh login BROKER makes this machine one of your devices.");

        foreach (MyAccount one in list.Accounts)
        {
            AccountPrint.Account(around, one);
            if (one.FindHint() is { } hint)
                around.Terminal.WriteLine(around.Terminal.Dim("  → " + PlainText.Line(hint)));
        }
    }
}
