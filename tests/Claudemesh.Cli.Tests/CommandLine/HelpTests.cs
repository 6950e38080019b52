using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.CommandLine;

/// <summary>Help is made from what the parser uses, so it cannot tell of what does not exist.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("help-root.txt", "--help")]
    [InlineData("help-send.txt", "send --help")]
    [InlineData("help-send.txt", "help send")]
    [InlineData("help-daemon.txt", "daemon -h")]
    [InlineData("help-daemon.txt", "daemon")]
    [InlineData("help-topic.txt", "topic")]
    [InlineData("help-topic-post.txt", "topic post -h")]
    [InlineData("help-root.txt", "help")]
    public async Task Help_prints_what_its_golden_file_says(string golden, string line)
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        Golden.Matches(golden, seen.Output);
    }

    [Fact]
    public async Task The_program_alone_prints_its_help()
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync();

        Assert.Equal(ExitCode.Ok, seen.Code);
        Golden.Matches("help-root.txt", seen.Output);
    }

    [Fact]
    [Trait("cli", "7 release: a version that is not the program's")]
    public async Task The_version_is_the_one_that_the_program_was_built_with()
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync("--version");

        string built = typeof(AllVerbs).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        Assert.Equal((ExitCode.Ok, $"claudemesh {built}\n"), (seen.Code, seen.Output));
    }

    [Fact]
    public void Every_verb_says_what_it_does_and_every_word_of_it_too()
    {
        using var desk = new Desk();
        foreach (Verb verb in Verbs(desk))
        {
            Assert.False(string.IsNullOrWhiteSpace(verb.Description), verb.Name);
            Assert.All(verb.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), $"{verb.Name} {argument.Name}"));
            Assert.All(verb.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{verb.Name} {option.Name}"));
        }
    }

    [Fact]
    public void Every_verb_that_does_something_has_an_example_and_a_shape_for_json()
    {
        using var desk = new Desk();
        Assert.All(Verbs(desk).Where(verb => verb.RunAsync is not null), verb =>
        {
            Assert.NotEmpty(verb.Examples);
            // This one becomes another program.
            if (verb.Name is not "mcp")
                Assert.NotEmpty(verb.Prints!.Fields);
        });
    }

    [Fact]
    public void Every_example_is_a_line_that_can_be_run()
    {
        using var desk = new Desk();
        Verb root = Root(desk);
        foreach (string example in Verbs(desk).SelectMany(verb => verb.Examples))
        {
            // What the shell does with a line, as far as examples need it.
            string[] words = [.. CommandLineParser.SplitCommandLine(example.Replace("'", "\"", StringComparison.Ordinal)).TakeWhile(word => word != "<").Where(word => !word.StartsWith("--json", StringComparison.Ordinal))];
            ParseResult parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });

            Assert.True(Mistakes.Find(parsed) is null, $"{example}: {Mistakes.Find(parsed)}");
            Assert.NotNull(((Verb)parsed.CommandResult.Command).RunAsync);
        }
    }

    private static Verb Root(Desk desk) => AllVerbs.Declare(desk.Around());

    private static IEnumerable<Verb> Verbs(Desk desk) => Below(Root(desk));

    private static IEnumerable<Verb> Below(Verb verb) => verb.Subcommands.OfType<Verb>().SelectMany(Below).Prepend(verb);
}
