using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Account;

/// <summary>Asks for a password where the broker wants its person to prove himself anew, and does what was asked then.</summary>
internal static class Proof
{
    /// <param name="ask">With the password and the second factor's code, both null at first.</param>
    public static async Task<LocalReply<T>> AskAsync<T>(Terminal terminal, Func<string?, string?, Task<LocalReply<T>>> ask)
        where T : class
    {
        LocalReply<T> reply = await ask(null, null);
        if (reply.Problem is not { Error: LocalErrors.NotFresh } || !terminal.CanAsk)
            return reply;

        if (terminal.PromptHidden("Your password on the broker, to show that it is you:") is not { Length: > 0 } password)
            return Cancelled();

        reply = await ask(password, null);
        return reply.Problem is { Error: LocalErrors.SecondFactorNeeded } && terminal.Prompt("The code of your second factor:") is { Length: > 0 } code
            ? await ask(password, code)
            : reply;
    }

    public static LocalProblem Cancelled() => LocalProblem.Of("cancelled", "Nothing was done.", 499, ExitCode.Cancelled);

    /// <summary>A script cannot be asked.</summary>
    public static LocalProblem NeedsPerson(string what) =>
        LocalProblem.Of("confirmation_required", $"{what} is asked for at a terminal, and there is none.", 400, ExitCode.BadArguments);
}
