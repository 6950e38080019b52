using System.CommandLine;
using System.CommandLine.Parsing;
using Claudemesh.Cli.Daemon;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.CommandLine;

/// <summary>Turns the words of a command line into one call of one verb, and whatever happens into an exit code.</summary>
internal sealed class Interpreter
{
    /// <summary>Set to see where an unforeseen error came from.</summary>
    private const string DebugVariable = "CLAUDEMESH_DEBUG";

    private readonly Surroundings around;
    private readonly Option<string?> json = SharedOptions.Json();
    private readonly Option<bool> help = SharedOptions.Help();
    private readonly Option<bool> noDaemon = SharedOptions.NoDaemon();
    private readonly Option<bool> version = new("--version", "-V") { Description = "print the version" };

    public Interpreter(Surroundings around)
    {
        this.around = around;
        Root = AllVerbs.Declare(around);
        Root.Options.Add(help);
        Root.Options.Add(version);
        Root.Options.Add(json);
        Root.Options.Add(noDaemon);
    }

    public Verb Root { get; }

    public async Task<ExitCode> RunAsync(string[] words, CancellationToken cancellationToken)
    {
        Terminal terminal = around.Terminal;
        try
        {
            ExitCode code = await InterpretAsync(Rewrite(words), cancellationToken);
            terminal.Flush();
            if (around.Daemon.Replaced is { } old)
                terminal.Warn($"the daemon was {old} and is {VersionVerb.Current} now; sessions and what waits to be sent were kept.");
            return code;
        }
        catch (OperationCanceledException)
        {
            return terminal.Fail(LocalProblem.Of("cancelled", "Stopped.", 499, ExitCode.Cancelled));
        }
        catch (IOException error) when (terminal.ReaderLeft(error))
        {
            // `claudemesh list | head -1` is no failure of ours.
            return ExitCode.Ok;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return terminal.Fail(LocalProblem.Of("io", error.Message, 500, ExitCode.Io));
        }
#pragma warning disable CA1031 // A program that is called by scripts ends with a line and a code, whatever the bug is.
        catch (Exception error)
#pragma warning restore CA1031
        {
            bool isDebugging = Environment.GetEnvironmentVariable(DebugVariable) is { Length: > 0 };
            string what = isDebugging ? error.ToString() : $"{error.Message} (a bug; {DebugVariable}=1 shows where)";
            return terminal.Fail(LocalProblem.Of("internal", what, 500, ExitCode.Internal));
        }
    }

    private Task<ExitCode> InterpretAsync(string[] words, CancellationToken cancellationToken)
    {
        Terminal terminal = around.Terminal;
        ParseResult parsed = Root.Parse(words, new ParserConfiguration
        {
            // An address such as @backend is not the name of a file with more arguments.
            ResponseFileTokenReplacer = null,
            EnablePosixBundling = false,
        });
        var verb = (Verb)parsed.CommandResult.Command;
        if (parsed.GetResult(json) is not null)
            terminal.Json = JsonFields.Parse(parsed.GetValue(json));

        if (parsed.GetValue(help))
            return Task.FromResult(PrintHelp(verb));

        if (parsed.GetValue(version) && verb == Root)
            return VersionVerb.RunAsync(around, cancellationToken);

        if (Mistakes.Find(parsed) is { } mistake)
            return Task.FromResult(terminal.FailUsage(mistake, verb));

        // A group alone: say what is in it.
        if (verb.RunAsync is null)
            return Task.FromResult(PrintHelp(verb));

        if (terminal.Json is { } fields && (verb.Prints is { } shape ? fields.FindUnknown(shape) : $"{verb.Name} prints nothing that --json could show.") is { } wrong)
            return Task.FromResult(terminal.FailUsage(wrong, verb));

        bool isAlone = parsed.GetValue(noDaemon) || around.Variable(PrivateDaemon.Variable) is "1" or "true";
        if (!isAlone)
            return verb.RunAsync(parsed, cancellationToken);

        return verb.Parents.OfType<Verb>().Any(above => above.IsAboutDaemon)
            ? Task.FromResult(terminal.FailUsage(
                $"'{HelpPage.FullName(verb)}' is about the daemon that serves everybody: leave out --no-daemon, and {PrivateDaemon.Variable}.", verb))
            : RunAloneAsync(verb, parsed, cancellationToken);
    }

    private async Task<ExitCode> RunAloneAsync(Verb verb, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var alone = new PrivateDaemon(around.Daemon);
        around.Daemon = alone.Door;
        return await verb.RunAsync!(parsed, cancellationToken);
    }

    private ExitCode PrintHelp(Verb verb)
    {
        around.Terminal.Write(HelpPage.Of(verb));
        return ExitCode.Ok;
    }

    // "help send" is "send --help"; --json always gets a value here, because it must not take the next word for it.
    private static string[] Rewrite(string[] words)
    {
        if (words is ["help", ..])
            return [.. words[1..], "--help"];

        int end = Array.IndexOf(words, "--");
        return [.. words.Select((word, at) => end >= 0 && at > end ? word : WithValue(word))];
    }

    private static string WithValue(string word) => word switch
    {
        "--json" => "--json=" + SharedOptions.AllFields,
        "--json=" => "--json=,",
        _ => word,
    };
}
