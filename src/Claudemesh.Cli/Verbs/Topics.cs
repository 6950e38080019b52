using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>What the verbs about topics share: what they take, and how a topic is written.</summary>
internal static class Topics
{
    public static readonly JsonShape Shape = new(LocalJson.Default.Topic);

    public static Argument<string> Topic() => new("TOPIC") { Description = "its name, with or without #, or its id; a dm by the other one's name" };

    public static Argument<string> Member() => new("PEER") { Description = "a name, a key, or a beginning of a key" };

    /// <summary>As it is typed: <c>#deploys</c>, or <c>dm with bob</c>.</summary>
    public static string Words(Topic topic) => topic.With is { } peer ? $"dm with {PlainText.Line(peer)}" : "#" + PlainText.Line(topic.Name);

    /// <summary>A verb that changes one topic and prints what it is then.</summary>
    public static async Task<ExitCode> ChangeAsync(Surroundings around, ChangeTopic change, Func<Topic, string> tell, CancellationToken cancellationToken)
    {
        LocalReply<Topic> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ChangeTopicAsync(change, token), cancellationToken);
        return around.Terminal.Show(reply, Shape, topic => around.Terminal.WriteLine(tell(topic)));
    }

    public static string In(Topic topic) => $"{Words(topic)} of {PlainText.Line(topic.Workspace)}";
}
