using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Service;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh login [BROKER]</c></summary>
internal static class LoginVerb
{
    private const string TokenVariable = "CLAUDEMESH_TOKEN";

    public static readonly JsonShape Shape = new(AccountJson.Default.LoggedIn);

    public static Argument<string?> Broker() => new("BROKER")
    {
        Description = "the broker's address; the one you used last if left out",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string?> DeviceName() => new("--name") { Description = "what you will see this machine as; its own name if left out", HelpName = "NAME" };

    public static Option<bool> NoService() => new("--no-service") { Description = "do not have the system start the daemon from now on" };

    public static Verb Declare(Surroundings around)
    {
        Argument<string?> broker = Broker();
        Option<string?> name = DeviceName();
        var remote = new Option<bool>("--remote") { Description = "you approve on another computer: listen for nothing on this one" };
        var noBrowser = new Option<bool>("--no-browser") { Description = "open no browser; over SSH none is opened anyway" };
        var password = new Option<bool>("--password") { Description = "sign in by password here: for an account without a key yet, or a machine that still has it" };
        var token = new Option<bool>("--token") { Description = $"sign in with a personal access token, from {TokenVariable} or standard input; it carries no keys" };
        Option<bool> noService = NoService();
        return new Verb("login", "Makes this machine one of your devices: the same member everywhere, with no key copied by hand.")
        {
            Arguments = { broker },
            Options = { name, remote, noBrowser, password, token, noService },
            Examples = ["login https://mesh.example.com", "login --no-browser --name build-box", "login https://mesh.example.com --password", "login --token"],
            Prints = Shape,
            FindMistake = parsed => (parsed.GetValue(password), parsed.GetValue(token)) switch
            {
                (true, true) => "--password and --token are two ways; give one.",
                (false, true) when parsed.GetValue(name) is not null => "A token makes no device, so there is nothing to --name.",
                _ => null,
            },
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? at = parsed.GetValue(broker);
                LocalReply<LoggedIn> reply = (parsed.GetValue(password), parsed.GetValue(token)) switch
                {
                    (true, _) => await ByPasswordAsync(around, at, parsed.GetValue(name), recoveryKey: null, cancellationToken),
                    (_, true) => await ByTokenAsync(around, at, cancellationToken),
                    _ => await new LoginTalk(around, !parsed.GetValue(noBrowser)).RunAsync(new StartLogin(at, parsed.GetValue(name), parsed.GetValue(remote)), cancellationToken),
                };
                return await EndAsync(around, reply, Shape, isService: !parsed.GetValue(noService) && !parsed.GetValue(token), cancellationToken);
            },
        };
    }

    /// <summary>Says who this machine is now, and has the system start the daemon from here on.</summary>
    public static async Task<ExitCode> EndAsync(Surroundings around, LocalReply<LoggedIn> reply, JsonShape shape, bool isService, CancellationToken cancellationToken)
    {
        ExitCode code = around.Terminal.Show(reply, shape, done => AccountPrint.LoggedIn(around, done));
        if (code is not ExitCode.Ok || !isService || around.Daemon.IsForOneCall)
            return code;

        around.Terminal.Flush();
        ServiceOutcome outcome = await DaemonService.InstallAsync(around, cancellationToken);
        if (around.Terminal.Json is null)
            around.Terminal.WriteLine(around.Terminal.Dim(PlainText.Line(outcome.Sentence)));
        return code;
    }

    public static async Task<LocalReply<LoggedIn>> ByPasswordAsync(
        Surroundings around, string? broker, string? deviceName, string? recoveryKey, CancellationToken cancellationToken)
    {
        Terminal terminal = around.Terminal;
        if (!terminal.CanAsk)
            return Proof.NeedsPerson("A password");
        if (terminal.Prompt("Username:") is not { Length: > 0 } username || terminal.PromptHidden("Password:") is not { Length: > 0 } password)
            return Proof.Cancelled();

        var request = new PasswordLogin(broker, username, password, null, deviceName, recoveryKey);
        LocalReply<LoggedIn> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.LogInAsync(request, token), cancellationToken);
        return reply.Problem is { Error: LocalErrors.SecondFactorNeeded } && terminal.Prompt("The code of your second factor, or a recovery code:") is { Length: > 0 } code
            ? await around.Daemon.AskOnceAsync((daemon, token) => daemon.LogInAsync(request with { Code = code }, token), cancellationToken)
            : reply;
    }

    private static Task<LocalReply<LoggedIn>> ByTokenAsync(Surroundings around, string? broker, CancellationToken cancellationToken)
    {
        string given = around.Variable(TokenVariable) is { Length: > 0 } variable
            ? variable
            : (around.Terminal.CanAsk ? around.Terminal.PromptHidden("Personal access token:") : around.Terminal.ReadAnswer()) ?? "";
        var request = new TokenLogin(broker, given);
        return around.Daemon.AskOnceAsync((daemon, token) => daemon.LogInAsync(request, token), cancellationToken);
    }
}
