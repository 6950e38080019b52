using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic admit TOPIC PEER</c></summary>
internal static class TopicAdmitVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.TopicMemberChanged);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Argument<string> member = Topics.Member();
        Option<string?> role = SharedOptions.OneOf("--role", "lead changes and admits, observer only reads (member)", TopicRoles.Lead, TopicRoles.Member, TopicRoles.Observer);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("admit", "Lets a member into a private topic; he reads its past, too.")
        {
            Arguments = { topic, member },
            Options = { role, workspace },
            Examples = ["topic admit incident-7 carol", "topic admit incident-7 dave --role observer"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ChangeTopicMember(
                    parsed.GetRequiredValue(topic), parsed.GetRequiredValue(member), TopicMemberChanges.Admit, parsed.GetValue(role) ?? TopicRoles.Member, parsed.GetValue(workspace));
                LocalReply<TopicMemberChanged> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ChangeTopicMemberAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, changed => around.Terminal.WriteLine(
                    $"{PlainText.Line(changed.Name)} is in #{PlainText.Line(changed.Topic)} as {PlainText.Line(changed.Role ?? TopicRoles.Member)}."));
            },
        };
    }
}
