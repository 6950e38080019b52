using System.CommandLine;
using Claudemesh.Cli.Account;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh sign-up [BROKER]</c></summary>
internal static class SignUpVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string?> broker = LoginVerb.Broker();
        Option<string?> name = LoginVerb.DeviceName();
        var username = new Option<string?>("--username") { Description = "asked for if left out", HelpName = "NAME" };
        var displayName = new Option<string?>("--display-name") { Description = "what others call you; your username if left out", HelpName = "NAME" };
        var email = new Option<string?>("--email") { Description = "for a broker that sends mail", HelpName = "ADDRESS" };
        var invite = new Option<string?>("--invite") { Description = "an invite's link or id, where the broker takes nobody without", HelpName = "LINK" };
        var setup = new Option<string?>("--setup") { Description = "the setup link that a new broker printed, or its token: the first account", HelpName = "LINK" };
        Option<bool> noService = LoginVerb.NoService();
        return new Verb("sign-up", "Makes an account with a password in the terminal, and this machine its first device.")
        {
            Arguments = { broker },
            Options = { username, displayName, email, invite, setup, name, noService },
            Examples = ["sign-up https://mesh.example.com --invite LINK", "sign-up http://localhost:7900 --setup LINK"],
            Prints = LoginVerb.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                Terminal terminal = around.Terminal;
                if (!terminal.CanAsk)
                    return terminal.Fail(Proof.NeedsPerson("A password"));

                string? chosen = parsed.GetValue(username) ?? terminal.Prompt("Username:");
                string? password = chosen is { Length: > 0 } ? terminal.PromptHidden("Password, at least 12 characters or a few words:") : null;
                if (password is not { Length: > 0 } || terminal.PromptHidden("The same once more:") is not { } again)
                    return terminal.Fail(Proof.Cancelled());
                if (password != again)
                    return terminal.Fail(Problems.Bad("The two passwords are not the same; nothing was done."));

                string? link = parsed.GetValue(setup) ?? parsed.GetValue(invite);
                var request = new SignUp(
                    parsed.GetValue(broker) ?? HostOf(link),
                    chosen!,
                    parsed.GetValue(displayName) ?? chosen!,
                    password,
                    parsed.GetValue(email),
                    LastPart(parsed.GetValue(invite)),
                    LastPart(parsed.GetValue(setup)),
                    parsed.GetValue(name));
                LocalReply<LoggedIn> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.SignUpAsync(request, token), cancellationToken);
                return await LoginVerb.EndAsync(around, reply, LoginVerb.Shape, isService: !parsed.GetValue(noService), cancellationToken);
            },
        };
    }

    private static string? HostOf(string? link) => IsLink(link, out Uri? url) ? url!.GetLeftPart(UriPartial.Authority) : null;

    /// <summary>What a link is about: the token behind <c>?token=</c> or <c>#</c>, else the end of its path. The word itself where it is no link.</summary>
    private static string? LastPart(string? link)
    {
        if (!IsLink(link, out Uri? url))
            return link;

        string query = url!.Query.TrimStart('?');
        string path = url.AbsolutePath.TrimEnd('/');
        string end = path[(path.LastIndexOf('/') + 1)..];
        return (query.Contains('=', StringComparison.Ordinal), end, url.Fragment.TrimStart('#')) switch
        {
            (true, _, _) => query[(query.IndexOf('=', StringComparison.Ordinal) + 1)..],
            (_, "setup", { Length: > 0 } fragment) => fragment,
            _ => end,
        };
    }

    private static bool IsLink(string? text, out Uri? url) => Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme is "http" or "https";
}
