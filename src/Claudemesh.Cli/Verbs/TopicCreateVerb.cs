using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic create NAME</c></summary>
internal static class TopicCreateVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.CreatedTopic);

    public static Verb Declare(Surroundings around)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "1 to 50 lower-case letters, digits, - _ or ., with or without #; a dm has none", Arity = ArgumentArity.ZeroOrOne,
        };
        var description = new Option<string?>("--description") { Description = "what it is for, at most 500 characters", HelpName = "TEXT" };
        var isPrivate = new Option<bool>("--private") { Description = "only for those whom its leads admit, with a key of its own" };
        var dm = new Option<string?>("--dm") { Description = "between you and this member only", HelpName = "PEER" };
        var with = new Option<string[]>("--with") { Description = "who is in a private topic from the beginning; give it several times for several", HelpName = "PEER" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("create", "Makes a topic and you its lead; one that is there already is joined.")
        {
            Arguments = { name },
            Options = { description, isPrivate, dm, with, workspace },
            Usage = "(NAME | --dm PEER)",
            FindMistake = parsed => FindMistake(parsed.GetValue(name), parsed.GetValue(isPrivate), parsed.GetValue(dm), parsed.GetValue(with) ?? []),
            Examples =
            [
                "topic create deploys --description \"what goes out, and when\"",
                "topic create incident-7 --private --with bob --with carol",
                "topic create --dm bob",
            ],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string[] others = parsed.GetValue(with) ?? [];
                var request = new CreateTopic(
                    parsed.GetValue(name),
                    parsed.GetValue(description),
                    parsed.GetValue(dm) is not null ? TopicVisibilities.Dm : parsed.GetValue(isPrivate) ? TopicVisibilities.Private : TopicVisibilities.Public,
                    parsed.GetValue(dm) is { } peer ? [peer] : others.Length == 0 ? null : others,
                    parsed.GetValue(workspace));
                LocalReply<CreatedTopic> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.CreateTopicAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, made => Print(around.Terminal, made));
            },
        };
    }

    private static string? FindMistake(string? name, bool isPrivate, string? dm, string[] with) => (name, dm) switch
    {
        (null, null) => "'claudemesh topic create' needs NAME, or --dm PEER.",
        (not null, not null) => "A dm has no name: leave out NAME, or --dm.",
        (null, not null) when isPrivate || with.Length > 0 => "--dm is between two: leave out --private and --with.",
        (not null, _) when with.Length > 0 && !isPrivate => "--with is for a private topic, which needs --private; a public one everybody can join.",
        _ => null,
    };

    private static void Print(Terminal terminal, CreatedTopic made)
    {
        string what = Topics.In(made.Topic);
        terminal.WriteLine($"{(made.Created ? "made" : "in")} {what}  {terminal.Dim(made.Topic.Id)}");
        if (!made.Created)
            terminal.WriteLine(terminal.Dim("It was there already."));
    }
}
