using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh logout [BROKER]</c></summary>
internal static class LogoutVerb
{
    private const string LossWord = "lose everything";
    private const string WipeWord = "wipe";

    private static readonly JsonShape Shape = new(AccountJson.Default.LoggedOut);

    public static Verb Declare(Surroundings around)
    {
        Argument<string?> broker = LoginVerb.Broker();
        var wipe = new Option<bool>("--wipe") { Description = "delete the account's workspaces with their messages on this machine, too; asks for a word" };
        return new Verb("logout", "Deletes your account's secret on this machine and tells the broker. Its workspaces are shut here until you log in again.")
        {
            Arguments = { broker },
            Options = { wipe },
            Examples = ["logout", "logout https://mesh.example.com --wipe"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                Terminal terminal = around.Terminal;
                var request = new Logout(parsed.GetValue(broker), parsed.GetValue(wipe));
                if (request.Wipe && !Confirm(terminal, "The account's workspaces, with every message that is kept here, are deleted for good.", WipeWord))
                    return terminal.Fail(terminal.CanAsk ? Proof.Cancelled() : Proof.NeedsPerson("The word that confirms --wipe"));

                LocalReply<LoggedOut> reply = await AskAsync(request);
                if (reply.Problem is { Error: LocalErrors.LastWayIn } last && terminal.CanAsk)
                {
                    if (!Confirm(terminal, PlainText.Line(last.Detail), LossWord))
                        return terminal.Fail(Proof.Cancelled());
                    reply = await AskAsync(request with { Final = true });
                }

                return terminal.Show(reply, Shape, done => Print(terminal, done));

                Task<LocalReply<LoggedOut>> AskAsync(Logout asked) => around.Daemon.AskOnceAsync((daemon, token) => daemon.LogOutAsync(asked, token), cancellationToken);
            },
        };
    }

    private static bool Confirm(Terminal terminal, string what, string word) =>
        terminal.CanAsk && terminal.Prompt($"{what} Type '{word}' to go on:") == word;

    private static void Print(Terminal terminal, LoggedOut done)
    {
        terminal.WriteLine($"Logged out of {PlainText.Line(done.Username)} on {PlainText.Line(done.Broker)}; the secret is gone from this machine{(done.Told ? "" : ", and the broker could not be told")}.");
        if (done.Unreachable.Count > 0)
        {
            string names = string.Join(", ", done.Unreachable.Select(PlainText.Line));
            terminal.WriteLine(done.Wiped ? $"Deleted here: {names}." : $"Shut until you log in again: {names}. Their messages are still in this machine's database; --wipe deletes them.");
        }

        if (!done.Told)
            terminal.WriteLine(terminal.Dim("→ Remove this machine from another of your devices: claudemesh device remove"));
    }
}
