using System.CommandLine;
using System.Text.RegularExpressions;
using Claudemesh.Cli.Claude;
using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Tests.Install;

/// <summary>The skill names every verb and option that exists, and none that does not.</summary>
public sealed partial class SkillTests : IDisposable
{
    private readonly Desk desk = new();
    private readonly Verb root;
    private readonly string page;

    public SkillTests()
    {
        root = new Interpreter(desk.Around()).Root;
        page = SkillPage.Of(root);
    }

    [Fact]
    [Trait("cli", "7 release: documents and a skill that say something else")]
    public void Every_verb_has_its_heading_and_there_is_no_other() => Assert.Equal(
        root.Visible().Where(verb => verb.RunAsync is not null).Select(HelpPage.FullName),
        Heading().Matches(page).Select(match => match.Groups["verb"].Value.Trim()));

    [Fact]
    public void Every_option_of_a_verb_is_told_under_it_and_there_is_no_other()
    {
        foreach (Verb verb in root.Visible().Where(verb => verb.RunAsync is not null))
        {
            string section = page.Split($"\n### {HelpPage.Usage(verb)}\n")[1].Split("\n#")[0];

            Assert.Equal(
                verb.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name)).Order(StringComparer.Ordinal),
                OptionLine().Matches(section).SelectMany(line => OptionName().Matches(line.Value)).Select(name => name.Value).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    [Trait("cli", "7 release: documents and a skill that say something else")]
    public void Every_verb_that_the_text_names_exists() => Assert.All(
        Mentioned().Matches(page).Select(match => match.Groups["verb"].Value),
        name => Assert.Contains(root.Subcommands, verb => string.Equals(verb.Name, name, StringComparison.Ordinal)));

    [Fact]
    public void What_claude_code_reads_first_fits_its_listing()
    {
        string[] front = page.Split("---\n")[1].Split('\n');

        Assert.Equal("name: claudemesh", front[0]);
        Assert.InRange(front.Single(line => line.StartsWith("description: ", StringComparison.Ordinal)).Length, 100, 1536);
        Assert.Contains("Bash(claudemesh send:*)", front.Single(line => line.StartsWith("allowed-tools: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("Bash(claudemesh install:*)", page, StringComparison.Ordinal);
    }

    public void Dispose() => desk.Dispose();

    [GeneratedRegex(@"^### (?<verb>claudemesh[a-z_ -]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Heading();

    [GeneratedRegex("^- `-[^`]+`", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OptionLine();

    [GeneratedRegex(@"(?<=[` ])--?[A-Za-z][a-z-]*", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OptionName();

    [GeneratedRegex(@"(`claudemesh |Bash\(claudemesh )(?<verb>[a-z-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Mentioned();
}
