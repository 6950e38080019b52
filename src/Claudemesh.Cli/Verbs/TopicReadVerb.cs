using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic read TOPIC</c></summary>
internal static class TopicReadVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        var through = new Option<string?>("--through") { Description = "only up to this post", HelpName = "ID" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("read", "Marks a topic as read, on all of your machines; the others see how far you are.")
        {
            Arguments = { topic },
            Options = { through, workspace },
            Examples = ["topic read deploys", "topic read deploys --through 0000A3f9"],
            Prints = Topics.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ReadTopic(parsed.GetRequiredValue(topic), parsed.GetValue(through), parsed.GetValue(workspace));
                LocalReply<Topic> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ReadTopicAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Topics.Shape, read => around.Terminal.WriteLine(
                    read.Unread == 0 ? $"{Topics.In(read)} is read." : $"{Topics.In(read)} is read up to there; {read.Unread} are not."));
            },
        };
    }
}
