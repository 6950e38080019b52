using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic leave TOPIC</c></summary>
internal static class TopicLeaveVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.LeftTopic);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Option<string?> workspace = SharedOptions.Workspace();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("leave", "Takes you out of a topic, and deletes what was posted there on this machine.")
        {
            Arguments = { topic },
            Options = { workspace, yes },
            Examples = ["topic leave deploys --yes"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new LeaveTopic(parsed.GetRequiredValue(topic), parsed.GetValue(workspace));
                string question = $"Leave {request.Topic}? What was posted there is deleted on this machine; into a private topic only its leads let you back.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<LeftTopic> reply = await around.Daemon.AskAsync((daemon, token) => daemon.LeaveTopicAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, left => around.Terminal.WriteLine($"You have left #{PlainText.Line(left.Topic)} of {PlainText.Line(left.Workspace)}."));
            },
        };
    }
}
