using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic retain TOPIC DAYS</c></summary>
internal static class TopicRetainVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> which = Topics.Topic();
        var days = new Argument<int>("DAYS")
        {
            Description = $"how long posts are kept, 1 to {LocalLimits.TopicRetentionDaysMax}; 0: for ever",
            CustomParser = result =>
            {
                string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= LocalLimits.TopicRetentionDaysMax)
                    return value;

                result.AddError($"DAYS is a number from 0 to {LocalLimits.TopicRetentionDaysMax}, not '{text}'.");
                return default;
            },
        };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("retain", "Says how long posts of a topic are kept, at the server and by the daemons.")
        {
            Arguments = { which, days },
            Options = { workspace },
            Examples = ["topic retain deploys 90", "topic retain deploys 0"],
            Prints = Topics.Shape,
            RunAsync = (parsed, cancellationToken) => Topics.ChangeAsync(
                around,
                new ChangeTopic(parsed.GetRequiredValue(which), RetentionDays: parsed.GetValue(days), Workspace: parsed.GetValue(workspace)),
                topic => topic.RetentionDays is { } kept
                    ? string.Create(CultureInfo.InvariantCulture, $"Posts of {Topics.In(topic)} are kept for {kept} {(kept == 1 ? "day" : "days")}.")
                    : $"Posts of {Topics.In(topic)} are kept for ever.",
                cancellationToken),
        };
    }
}
