using System.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.CommandLine;

/// <summary>One verb: what it takes, what it does, what it prints. Parser, help and mistakes are all read from here.</summary>
/// <param name="description">One sentence; the first thing that its help says.</param>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Lines to copy, without the leading program name.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>What it prints with <c>--json</c>; null for a group of verbs, and for a verb that prints nothing of its own.</summary>
    public JsonShape? Prints { get; init; }

    /// <summary>Whether it and the verbs below it are about the daemon that serves everybody, which makes no sense without it.</summary>
    public bool IsAboutDaemon { get; init; }

    /// <summary>Null for a group of verbs. A verb that has others below it and runs itself, too, is run when none of them is named.</summary>
    public Func<ParseResult, CancellationToken, Task<ExitCode>>? RunAsync
    {
        get;
        init
        {
            field = value;

            // Without an action the parser takes a verb with others below it for a group and misses one of them.
            if (value is not null)
                SetAction(static _ => 0);
        }
    }

    /// <summary>What is typed between the name and the options, where the arguments alone do not say it.</summary>
    public string? Usage { get; init; }

    /// <summary>Says in a sentence what is wrong with a line that the parser takes; null when it can be run.</summary>
    public Func<ParseResult, string?>? FindMistake { get; init; }

    /// <summary>The verb with more options, after its own.</summary>
    public Verb With(IEnumerable<Option> more)
    {
        foreach (Option option in more)
            Options.Add(option);

        return this;
    }

    /// <summary>The whole program that a line was read by.</summary>
    public static Verb RootOf(ParseResult parsed) => (Verb)parsed.RootCommandResult.Command;

    /// <summary>This verb and those below it that people are told of, in the order of help.</summary>
    public IEnumerable<Verb> Visible() => Subcommands.OfType<Verb>().Where(one => !one.Hidden).SelectMany(one => one.Visible()).Prepend(this);
}
