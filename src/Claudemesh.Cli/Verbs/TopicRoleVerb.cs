using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic role TOPIC PEER</c></summary>
internal static class TopicRoleVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.TopicMemberChanged);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Argument<string> member = Topics.Member();
        Argument<string> role = SharedOptions.OneOfArgument("ROLE", "lead changes and admits, observer only reads", TopicRoles.Lead, TopicRoles.Member, TopicRoles.Observer);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("role", "Gives a member of a private topic another role in it.")
        {
            Arguments = { topic, member, role },
            Options = { workspace },
            Examples = ["topic role incident-7 carol lead"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ChangeTopicMember(
                    parsed.GetRequiredValue(topic), parsed.GetRequiredValue(member), TopicMemberChanges.Role, parsed.GetRequiredValue(role), parsed.GetValue(workspace));
                LocalReply<TopicMemberChanged> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ChangeTopicMemberAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, changed => around.Terminal.WriteLine(
                    $"{PlainText.Line(changed.Name)} is {PlainText.Line(changed.Role ?? TopicRoles.Member)} in #{PlainText.Line(changed.Topic)}."));
            },
        };
    }
}
