using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic join TOPIC</c></summary>
internal static class TopicJoinVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        var observer = new Option<bool>("--observer") { Description = "only to read" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("join", "Puts you into a public topic: what is posted there arrives. A private one is entered by its leads' word.")
        {
            Arguments = { topic },
            Options = { observer, workspace },
            Examples = ["topic join deploys", "topic join '#deploys' --observer"],
            Prints = Topics.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new JoinTopic(parsed.GetRequiredValue(topic), parsed.GetValue(observer), parsed.GetValue(workspace));
                LocalReply<Topic> reply = await around.Daemon.AskAsync((daemon, token) => daemon.JoinTopicAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Topics.Shape, joined => around.Terminal.WriteLine($"You are in {Topics.In(joined)} as {PlainText.Line(joined.Role ?? "member")}."));
            },
        };
    }
}
