using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh notification read ID…|--topic TOPIC|--all</c></summary>
internal static class NotificationReadVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.MarkedNotifications);

    public static Verb Declare(Surroundings around)
    {
        var ids = new Argument<string[]>("ID")
        {
            Description = $"the posts: their ids, or the first {LocalLimits.PostPrefixMin} characters of them or more", Arity = ArgumentArity.ZeroOrMore,
        };
        var topic = new Option<string?>("--topic") { Description = "all of this topic", HelpName = "TOPIC" };
        var all = new Option<bool>("--all") { Description = "all there are" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("read", "Marks notifications as read, on all of your machines. What is unread in the topic itself stays so.")
        {
            Arguments = { ids },
            Options = { topic, all, workspace },
            Examples = ["notification read 0000A3f9", "notification read --topic deploys", "notification read --all"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string[] typed = parsed.GetValue(ids) ?? [];
                var request = new MarkNotifications(typed.Length == 0 ? null : typed, parsed.GetValue(topic), parsed.GetValue(all), parsed.GetValue(workspace));
                LocalReply<MarkedNotifications> reply = await around.Daemon.AskAsync((daemon, token) => daemon.MarkNotificationsAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, marked => Print(around.Terminal, marked));
            },
        };
    }

    private static void Print(Terminal terminal, MarkedNotifications marked)
    {
        NotificationListVerb.WarnOf(terminal, marked.Stale);
        terminal.WriteLine(marked.Marked switch
        {
            0 => "None of them was unread.",
            1 => "Marked 1 as read.",
            _ => $"Marked {marked.Marked} as read.",
        });
    }
}
