using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic members TOPIC</c></summary>
internal static class TopicMembersVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.TopicPeople, "members");

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("members", "Lists who is in a topic, as what, and until when he has read.")
        {
            Arguments = { topic },
            Options = { workspace },
            Examples = ["topic members deploys", "topic members deploys --json=name,role"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string which, string? where) = (parsed.GetRequiredValue(topic), parsed.GetValue(workspace));
                LocalReply<TopicPeople> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListTopicMembersAsync(which, where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, people => around.Terminal.Write(Table.Of([.. people.Members.Select(one => Row(around, one))])));
            },
        };
    }

    private static string[] Row(Surroundings around, TopicPerson one) =>
    [
        PlainText.Line(one.Name) + (one.Self ? " (you)" : one.Verified ? " (verified)" : ""),
        PlainText.Line(one.Role),
        $"since {around.Minute(one.JoinedAt)}",
        one.LastReadAt is { } read ? $"has read until {around.Minute(read)}" : "has not read yet",
    ];
}
