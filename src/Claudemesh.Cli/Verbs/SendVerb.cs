using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh send TO TEXT</c>. Returns when the message is on the daemon's disk; from there on it cannot be lost.</summary>
internal static class SendVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.SendResult);

    public static Verb Declare(Surroundings around)
    {
        // With --self there is no TO, so that the parser cannot tell the two apart.
        var to = new Argument<string?>("TO")
        {
            Description = "a member's or session's name, a key or its beginning, @group, #topic, tag:KIND:VALUE, or '*' for everybody", Arity = ArgumentArity.ZeroOrOne,
        };
        var text = new Argument<string[]>("TEXT") { Description = "what to say; - reads it from standard input", Arity = ArgumentArity.ZeroOrMore };
        var self = new Option<bool>("--self") { Description = "to your own devices and your other sessions" };
        Option<string?> priority = SharedOptions.OneOf(
            "--priority", "now interrupts, next waits for the next break, low until asked for (next)", Priorities.Now, Priorities.Next, Priorities.Low);
        Option<string?> wait = SharedOptions.OneOf("--wait", "return only when it is that far", MessageStates.Accepted, MessageStates.Delivered);
        Option<TimeSpan> timeout = SharedOptions.Duration("--timeout", "how long --wait waits, at most 10m", "30s");
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("send", "Sends an encrypted message; it waits for whoever is offline.")
        {
            Arguments = { to, text },
            Options = { self, priority, wait, timeout, workspace },
            Usage = "(TO | --self) TEXT ...",
            FindMistake = parsed => FindMissing(parsed.GetValue(self), parsed.GetValue(to), parsed.GetValue(text) ?? []),
            Examples =
            [
                "send mou \"the schema changed\"",
                "send @backend \"release in ten minutes\" --priority now",
                "send mou --wait delivered - < report.md",
                "send '#deploys' \"v2 is out\"",
                "send --self \"the build is done\"",
            ],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                bool toSelf = parsed.GetValue(self);
                string first = parsed.GetValue(to)!;
                string[] rest = parsed.GetValue(text) ?? [];
                string[] words = toSelf ? [first, .. rest] : rest;
                (string content, LocalProblem? problem) = await MessageText.ReadAsync(around.Terminal, words, cancellationToken);
                TimeSpan patience = parsed.GetValue(timeout);
                problem ??= MessageText.FindTooPatient(patience);
                if (problem is not null)
                    return around.Terminal.Fail(problem);

                // What a daemon of this call alone has not got rid of when it ends would wait for the next one.
                string? waitFor = parsed.GetValue(wait) ?? (around.Daemon.IsForOneCall ? MessageStates.Accepted : null);
                var message = new SendMessage(
                    toSelf ? SendMessage.Yourself : first,
                    content,
                    parsed.GetValue(priority) ?? Priorities.Next,
                    // Made here, so that asking again after the daemon died in the middle cannot send twice.
                    Guid.CreateVersion7(around.Clock.GetUtcNow()).ToString("N"),
                    parsed.GetValue(workspace),
                    // Typed by the model of a session, it is the session's word, and an answer comes back to it.
                    Session: around.Session,
                    ToSelf: toSelf,
                    Wait: waitFor,
                    WaitMilliseconds: (int)patience.TotalMilliseconds);
                return await SendAsync(around, message, cancellationToken);
            },
        };
    }

    private static string? FindMissing(bool toSelf, string? to, string[] text) => (toSelf, to, text) switch
    {
        (true, null, _) => "'claudemesh send --self' needs TEXT.",
        (false, null, _) => "'claudemesh send' needs TO and TEXT.",
        (false, _, []) => "'claudemesh send' needs TEXT.",
        _ => null,
    };

    public static async Task<ExitCode> SendAsync(Surroundings around, SendMessage message, CancellationToken cancellationToken)
    {
        TimeSpan waits = message.Wait is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(message.WaitMilliseconds);
        LocalReply<SendResult> reply = await around.Daemon.AskAsync((daemon, token) => daemon.SendAsync(message, token), cancellationToken, waits);
        if (message.Session is not null && reply.Problem?.Error is LocalErrors.SessionNotFound)
        {
            // The daemon does not know it: a session without our MCP server, or of another workspace. Then it is the member's word.
            message = message with { Session = null };
            reply = await around.Daemon.AskAsync((daemon, token) => daemon.SendAsync(message, token), cancellationToken, waits);
        }

        ExitCode shown = around.Terminal.Show(reply, Shape, result => Print(around, result));
        return shown == ExitCode.Ok && reply.Value is { } sent ? CodeOf(sent, message.Wait) : shown;
    }

    /// <summary>Only who waited for an end learns by the code what it was.</summary>
    private static ExitCode CodeOf(SendResult sent, string? waitedFor) => (waitedFor, sent.State) switch
    {
        (null, _) => ExitCode.Ok,
        (_, MessageStates.Refused) => ExitCode.Denied,
        (_, MessageStates.Expired) => ExitCode.NotFound,
        _ => sent.Waited ? ExitCode.Ok : ExitCode.Network,
    };

    private static void Print(Surroundings around, SendResult sent)
    {
        Terminal terminal = around.Terminal;
        bool isPost = sent.To.StartsWith('#');
        string whom = isPost ? PlainText.Line(sent.To)
            : sent.To is SendMessage.Yourself ? "your devices and sessions"
            : sent.Recipients.Count == 1 ? PlainText.Line(sent.Recipients[0].Name)
            : $"{sent.Recipients.Count} members";
        int offline = isPost ? 0 : sent.Recipients.Count(one => !one.Online);
        string tally = !isPost && sent.Recipients is [{ Counts: { Recipients: > 0 } counts }] ? $"; delivered {counts.Delivered} of {counts.Recipients}" : "";
        string waits = tally.Length > 0 ? tally : offline == 0 ? "" : sent.Recipients.Count == 1 ? "; offline, it waits there" : $"; {offline} of them offline, it waits for them";
        string line = sent.State switch
        {
            MessageStates.Pending or MessageStates.Sent => $"on its way to {whom}{waits}",
            MessageStates.Accepted or MessageStates.Delivered or MessageStates.Surfaced or MessageStates.Read when isPost => $"posted in {whom}",
            MessageStates.Accepted => $"accepted for {whom}{waits}",
            MessageStates.Delivered => $"delivered to {whom}",
            MessageStates.Surfaced => $"put before {whom}",
            MessageStates.Read => $"read by {whom}",
            MessageStates.Expired => $"expired before {whom} had it",
            _ => $"{sent.State} by {whom}",
        };
        string reason = sent.Recipients.Select(one => one.Reason).FirstOrDefault(one => one is not null) is { } why ? $": {PlainText.Line(why)}" : "";
        terminal.WriteLine($"{line}{reason}  {terminal.Dim(sent.ClientMessageId)}");
        if (!sent.Waited)
        {
            terminal.WriteLine(terminal.Dim(around.Daemon.IsForOneCall
                ? "It waits in your outbox: the next daemon, or the next call with --no-daemon, goes on with it."
                : "It goes on without you; claudemesh msg-status tells how far it is."));
        }
    }
}
