using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh msg-status ID</c></summary>
internal static class MsgStatusVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.MessageStatus);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> id = SharedOptions.MessageId();
        return new Verb("msg-status", "Says what became of a message that you sent, recipient by recipient.")
        {
            Arguments = { id },
            Examples = ["msg-status 019ab3c4", "msg-status 019ab3c4 --json=state"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string asked = parsed.GetRequiredValue(id);
                LocalReply<MessageStatus> reply = await around.Daemon.AskAsync((daemon, token) => daemon.FindMessageAsync(asked, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, status => Print(around.Terminal, status));
            },
        };
    }

    private static string Counts(Tally? counts) => counts is { Recipients: > 0 } ? $"delivered {counts.Delivered}, read {counts.Read} of {counts.Recipients}" : "";

    private static void Print(Terminal terminal, MessageStatus status)
    {
        terminal.WriteLine($"{terminal.Bold(status.State)}: to {PlainText.Line(status.To)} in {PlainText.Line(status.Workspace)}  {terminal.Dim(status.ClientMessageId)}");
        terminal.Write(Table.Of(
        [
            .. status.Recipients.Select(one => new[] { "  " + PlainText.Line(one.Name), one.State, Counts(one.Counts), PlainText.Line(one.Reason ?? "") }),
        ]));
    }
}
