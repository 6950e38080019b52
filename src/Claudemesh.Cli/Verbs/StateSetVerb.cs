using System.CommandLine;
using System.Text.Json;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh state set KEY VALUE [--if-revision N]</c></summary>
internal static class StateSetVerb
{
    public static readonly JsonShape Shape = new(LocalJson.Default.SharedState);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> key = Key();
        var value = new Argument<string[]>("VALUE") { Description = "JSON, or else a text; - reads it from standard input", Arity = ArgumentArity.OneOrMore };
        var isText = new Option<bool>("--text") { Description = "a text, also where it looks like JSON" };
        Option<long?> revision = Revision();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("set", "Sets a value that the members have in common, encrypted.")
        {
            Arguments = { key, value },
            Options = { isText, revision, workspace },
            Examples =
            [
                "state set deploy '{\"version\":\"2.0.1\",\"ready\":true}'",
                "state set release-captain mou --if-revision 4",
                "state set plan - < plan.json",
            ],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string text, LocalProblem? problem) = await TextInput.ReadAsync(around.Terminal, "A value", parsed.GetRequiredValue(value), cancellationToken);
                if (problem is not null)
                    return around.Terminal.Fail(problem);

                JsonElement? json = Read(text, parsed.GetValue(isText));
                if (json is not { ValueKind: not JsonValueKind.Null } given)
                    return around.Terminal.Fail(Problems.Bad("A value is not null; `claudemesh state delete KEY` takes one away."));

                var change = new ChangeState(parsed.GetRequiredValue(key), given, parsed.GetValue(workspace), parsed.GetValue(revision));
                return await AskAsync(around, (daemon, token) => daemon.ChangeStateAsync(change, token), change.IfRevision is not null, cancellationToken);
            },
        };
    }

    public static Argument<string> Key() => new("KEY") { Description = "its name, which the broker can read" };

    public static Option<long?> Revision() => new("--if-revision")
    {
        Description = "only if it is at this revision; 0: only if there is none",
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long number))
                return number;

            result.AddError($"--if-revision takes a whole number from 0, not '{text}'.");
            return null;
        },
    };

    /// <param name="once">A write after a certain revision is not made twice: the second would be told of the first.</param>
    public static async Task<ExitCode> AskAsync(
        Surroundings around, Func<LocalClient, CancellationToken, Task<LocalReply<SharedState>>> ask, bool once, CancellationToken cancellationToken)
    {
        LocalReply<SharedState> reply = once
            ? await around.Daemon.AskOnceAsync(ask, cancellationToken)
            : await around.Daemon.AskAsync(ask, cancellationToken);
        return around.Terminal.Show(reply, Shape, entry => around.Terminal.WriteLine(
            $"{around.Terminal.Bold(PlainText.Line(entry.Key))} in {PlainText.Line(entry.Workspace)} is {(entry.Deleted ? "deleted" : StatePrint.Short(entry))}  "
            + around.Terminal.Dim($"revision {entry.Revision}")));
    }

    private static JsonElement? Read(string text, bool isText)
    {
        if (!isText)
        {
            try
            {
                using JsonDocument parsed = JsonDocument.Parse(text);
                return parsed.RootElement.Clone();
            }
            catch (JsonException)
            {
                // A text, then.
            }
        }

        return JsonSerializer.SerializeToElement(text, LocalJson.Default.String);
    }
}
