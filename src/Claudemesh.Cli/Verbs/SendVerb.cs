using System.CommandLine;
using System.Text;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh send TO TEXT</c>. Returns when the message is on the daemon's disk; from there on it cannot be lost.</summary>
internal static class SendVerb
{
    private const long CountedMax = 64 * 1024 * 1024;

    private static readonly JsonShape Shape = new(LocalJson.Default.SendResult);

    public static Verb Declare(Surroundings around)
    {
        // With --self there is no TO, so that the parser cannot tell the two apart.
        var to = new Argument<string?>("TO")
        {
            Description = "a member's or session's name, a key or its beginning, @group, tag:KIND:VALUE, or '*' for everybody", Arity = ArgumentArity.ZeroOrOne,
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
                "send --self \"the build is done\"",
            ],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                bool toSelf = parsed.GetValue(self);
                string first = parsed.GetValue(to)!;
                string[] rest = parsed.GetValue(text) ?? [];
                string[] words = toSelf ? [first, .. rest] : rest;
                (string content, LocalProblem? problem) = await ReadTextAsync(around.Terminal, words, cancellationToken);
                TimeSpan patience = parsed.GetValue(timeout);
                if (patience > LocalLimits.WaitMax)
                    problem ??= Problems.Bad($"--timeout is at most {LocalLimits.WaitMax.TotalMinutes:0}m.");
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

    private static async Task<ExitCode> SendAsync(Surroundings around, SendMessage message, CancellationToken cancellationToken)
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
        string whom = sent.To is SendMessage.Yourself ? "your devices and sessions"
            : sent.Recipients.Count == 1 ? PlainText.Line(sent.Recipients[0].Name)
            : $"{sent.Recipients.Count} members";
        int offline = sent.Recipients.Count(one => !one.Online);
        string tally = sent.Recipients is [{ Counts: { Recipients: > 0 } counts }] ? $"; delivered {counts.Delivered} of {counts.Recipients}" : "";
        string waits = tally.Length > 0 ? tally : offline == 0 ? "" : sent.Recipients.Count == 1 ? "; offline, it waits there" : $"; {offline} of them offline, it waits for them";
        string line = sent.State switch
        {
            MessageStates.Pending or MessageStates.Sent => $"on its way to {whom}{waits}",
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

    private static async Task<(string Text, LocalProblem? Problem)> ReadTextAsync(Terminal terminal, string[] words, CancellationToken cancellationToken)
    {
        string text = string.Join(' ', words);
        if (words is ["-"])
        {
            (string? read, LocalProblem? problem) = await ReadInputAsync(terminal, cancellationToken);
            if (read is null)
                return ("", problem);

            text = read;
        }

        if (string.IsNullOrWhiteSpace(text))
            return ("", Problems.Bad("There is nothing to send: the text is empty."));

        int length = Encoding.UTF8.GetByteCount(text);
        return length > LocalLimits.TextBytesMax ? ("", TooLong($"has {length:N0} bytes")) : (text, null);
    }

    private static async Task<(string? Text, LocalProblem? Problem)> ReadInputAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        await using Stream input = terminal.OpenInput();
        // One byte more than fits tells "too long" from "just fits", and a line break at the end does not count.
        byte[] bytes = new byte[LocalLimits.TextBytesMax + 3];
        int length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == bytes.Length)
        {
            long all = length + await CountRestAsync(input, cancellationToken);
            return (null, TooLong($"from standard input has {(all < CountedMax ? "" : "more than ")}{all:N0} bytes"));
        }

        try
        {
            string text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return (text.EndsWith('\n') ? text[..^(text.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : 1)] : text, null);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problems.Bad("Standard input is not UTF-8 text."));
        }
    }

    /// <summary>How much more there is, as far as it is worth knowing: an input may have no end.</summary>
    private static async Task<long> CountRestAsync(Stream input, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        long count = 0;
        while (count < CountedMax && await input.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            count += read;

        return count;
    }

    private static LocalProblem TooLong(string how) =>
        LocalProblem.Of(LocalErrors.PayloadTooLarge, $"The text {how}; a message has at most {LocalLimits.TextBytesMax:N0}.", 413, ExitCode.BadArguments);
}
