using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic remove TOPIC PEER</c></summary>
internal static class TopicRemoveVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.TopicMemberChanged);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Argument<string> member = Topics.Member();
        Option<bool> yes = Confirmation.Yes();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("remove", "Removes a member from a private topic: what is posted from then on is under a key that he does not have.")
        {
            Arguments = { topic, member },
            Options = { workspace, yes },
            Examples = ["topic remove incident-7 carol --yes"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ChangeTopicMember(
                    parsed.GetRequiredValue(topic), parsed.GetRequiredValue(member), TopicMemberChanges.Remove, Workspace: parsed.GetValue(workspace));
                string question = $"Remove {request.Member} from {request.Topic}? What is posted later is not readable to him; what he has read, he has.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<TopicMemberChanged> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ChangeTopicMemberAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, changed => around.Terminal.WriteLine(
                    $"{PlainText.Line(changed.Name)} is not in #{PlainText.Line(changed.Topic)} any more."));
            },
        };
    }
}
