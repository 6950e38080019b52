using System.CommandLine;
using System.CommandLine.Parsing;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh apikey create</c></summary>
internal static class ApiKeyCreateVerb
{
    private static readonly string[] Capabilities = ["send", "read", "state_write", "admin"];
    private static readonly JsonShape Shape = new(LocalJson.Default.MadeApiKey);

    public static Verb Declare(Surroundings around)
    {
        var label = new Option<string>("--label") { Description = "what it is for, as the list will show it", HelpName = "TEXT", Required = true };
        Option<string[]> can = Can();
        var topics = new Option<string[]>("--topic") { Description = "only for this topic; give it several times for several", HelpName = "TOPIC" };
        Option<TimeSpan?> expires = SharedOptions.OptionalDuration("--expires", "how long it can be used; until it is revoked if left out");
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("create", "Makes a key with which a script or a phone acts as you over REST, and prints it, this once.")
        {
            Options = { label, can, topics, expires, workspace },
            Examples =
            [
                "apikey create --label \"deploy script\" --topic deploys",
                "apikey create --label dashboard --can read --expires 30d",
                "apikey create --label phone -w acme --json=secret",
            ],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new CreateApiKey(
                    parsed.GetRequiredValue(label),
                    parsed.GetValue(can),
                    parsed.GetValue(topics) is { Length: > 0 } named ? named : null,
                    (long?)parsed.GetValue(expires)?.TotalSeconds,
                    parsed.GetValue(workspace));
                LocalReply<MadeApiKey> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.CreateApiKeyAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, made => Print(around, made));
            },
        };
    }

    /// <summary>Of a key as it has just been told: alone on standard output, so that <c>KEY=$(claudemesh apikey create …)</c> has it.</summary>
    public static void PrintSecret(Terminal terminal, string secret, string beside)
    {
        terminal.WriteLine(PlainText.Line(secret));
        terminal.Warn(beside + " It is not shown again: keep it where only your script can read it.");
    }

    private static void Print(Surroundings around, MadeApiKey made)
    {
        string topics = made.Topics is null ? "" : made.Topics.Count == 0 ? "; for no topic" : "; only for " + string.Join(", ", made.Topics.Select(topic => "#" + PlainText.Line(topic)));
        string end = made.ExpiresAt is { } at ? $"; until {around.Minute(at)}" : "";
        string bounds = string.Join(", ", made.Can.Select(PlainText.Line)) + topics + end;
        PrintSecret(
            around.Terminal, made.Secret, $"This is the key {PlainText.Line(made.Id)} of {PlainText.Line(made.Workspace)} at {PlainText.Line(made.Url)} ({bounds}).");
    }

    private static Option<string[]> Can() => new("--can")
    {
        Description = $"what it may do, of {string.Join(", ", Capabilities)}, with commas between them (send,read)",
        HelpName = string.Join('|', Capabilities),
        DefaultValueFactory = static _ => ["send", "read"],
        CustomParser = static result =>
        {
            string[] words = [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries))];
            if (Array.Find(words, word => !Capabilities.Contains(word, StringComparer.Ordinal)) is { } wrong)
                result.AddError($"--can takes {string.Join(", ", Capabilities[..^1])} or {Capabilities[^1]}, with commas between them, not '{wrong}'.{NearestMatch.DidYouMean(NearestMatch.Find(wrong, Capabilities))}");

            return words;
        },
    };
}
