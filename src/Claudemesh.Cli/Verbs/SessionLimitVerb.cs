using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh session limit SESSION</c></summary>
internal static class SessionLimitVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Session);

    public static Verb Declare(Surroundings around)
    {
        var session = new Argument<string>("SESSION") { Description = "its name or id, as `claudemesh session list` shows it" };
        Option<string?> allow = Words("--allow", "these and no others");
        Option<string?> deny = Words("--deny", "all but these");
        var none = new Option<bool>("--none") { Description = "nothing at all" };
        var lift = new Option<bool>("--lift") { Description = "no limit any more" };
        return new Verb("limit", "Leaves a session less than you may yourself: read, send, topics, state, self, admin. It cannot take that back itself.")
        {
            Arguments = { session },
            Options = { allow, deny, none, lift },
            Examples = ["session limit billing --allow read,send", "session limit billing --deny admin", "session limit billing --none", "session limit billing --lift"],
            Prints = Shape,
            FindMistake = parsed => Given(parsed.GetValue(allow) is not null, parsed.GetValue(deny) is not null, parsed.GetValue(none), parsed.GetValue(lift)) == 1
                ? null
                : "Say one of --allow, --deny, --none and --lift.",
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new LimitSession(
                    parsed.GetRequiredValue(session), parsed.GetValue(allow)?.Split(','), parsed.GetValue(deny)?.Split(','), parsed.GetValue(none), parsed.GetValue(lift));
                LocalReply<Session> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.LimitSessionAsync(request, token), cancellationToken);
                return around.Terminal.Show(
                    reply, Shape, limited => around.Terminal.WriteLine($"{PlainText.Line(limited.Name)}: {SessionListVerb.Left(limited)}"));
            },
        };
    }

    /// <summary>Words of what a session may be left, with commas between.</summary>
    public static Option<string?> Words(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "WORD,WORD",
        CustomParser = result =>
        {
            string[] words = result.Tokens.Count == 1 ? result.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
            string? unknown = Array.Find(words, word => !SessionWords.All.Contains(word, StringComparer.Ordinal));
            if (words.Length > 0 && unknown is null)
                return string.Join(',', words);

            string meant = unknown is null ? "" : NearestMatch.DidYouMean(NearestMatch.Find(unknown, SessionWords.All));
            result.AddError($"{name} takes words of {string.Join(", ", SessionWords.All)}, with commas between, not '{(result.Tokens.Count == 1 ? result.Tokens[0].Value : "")}'.{meant}");
            return null;
        },
    };

    private static int Given(params bool[] options) => options.Count(static given => given);
}
