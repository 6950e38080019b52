using System.Globalization;
using System.Text.RegularExpressions;

namespace Claudemesh.Tidy.Tests;

/// <summary>The pages that a newcomer reads exist, are short where they must be, and say what is true.</summary>
public sealed partial class DocumentTests
{
    private const int DecisionLinesMax = 45;

    [Theory]
    [InlineData("./dev up")]
    [InlineData("./dev test")]
    public void The_first_screen_of_the_readme_names_the_command(string command) =>
        Assert.Contains(Repository.ReadLines("README.md").Take(40), line => line.Contains(command, StringComparison.Ordinal));

    [Fact]
    public void Decisions_are_numbered_without_gaps() =>
        Assert.Equal(Enumerable.Range(1, Decisions.Length), Decisions.Select(Number));

    [Fact]
    public void A_decision_fits_half_a_page() => Repository.AssertNone(
        from file in Decisions
        let lines = Repository.ReadLines(file).Length
        where lines > DecisionLinesMax
        select $"{file}: {lines} lines",
        $"Say what was decided and why in at most {DecisionLinesMax} lines:");

    [Fact]
    public void A_decision_says_what_was_decided_and_why() => Repository.AssertNone(
        from file in Decisions
        let text = Repository.Read(file)
        where !text.Contains("\n## Decision", StringComparison.Ordinal) || !text.Contains("\n## Why", StringComparison.Ordinal)
        select file,
        "Each has the headings Decision and Why:");

    [Fact]
    public void A_link_between_pages_leads_somewhere() => Repository.AssertNone(
        from file in Repository.Files
        where file.EndsWith(".md", StringComparison.Ordinal)
        from Match link in Link().Matches(Repository.Read(file))
        let target = link.Groups["target"].Value
        where !Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target))
        select $"{file} -> {target}",
        "These links lead nowhere:");

    [Fact]
    public void Migrations_are_numbered_without_gaps()
    {
        int[] numbers =
        [
            .. Repository.Files
                .Where(file => file.StartsWith("src/Claudemesh.Broker/Storage/Migrations/", StringComparison.Ordinal) && file.EndsWith(".sql", StringComparison.Ordinal))
                .Select(Number),
        ];
        Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
    }

    private static string[] Decisions => [.. Repository.Files.Where(file => file.StartsWith("docs/adr/", StringComparison.Ordinal))];

    private static int Number(string file) =>
        int.Parse(LeadingNumber().Match(Path.GetFileName(file)).Value, NumberStyles.None, CultureInfo.InvariantCulture);

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    [GeneratedRegex("^[0-9]{4}(?=-)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LeadingNumber();

    [GeneratedRegex(@"\]\((?!https?:|#)(?<target>[^)#\s]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Link();
}
