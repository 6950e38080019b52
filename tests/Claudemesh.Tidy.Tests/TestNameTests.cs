using System.Text.RegularExpressions;

namespace Claudemesh.Tidy.Tests;

/// <summary>A failed test reads as a broken promise.</summary>
public sealed partial class TestNameTests
{
    private static readonly (string Name, string File)[] Tests =
    [
        .. from file in Repository.Sources
           where file.StartsWith("tests/", StringComparison.Ordinal)
           from Match test in TestMethod().Matches(Repository.Read(file))
           select (test.Groups["name"].Value, file),
    ];

    [Fact]
    public void The_name_of_a_test_is_a_sentence() => Repository.AssertNone(
        from test in Tests
        where !Sentence().IsMatch(test.Name)
        select $"{test.File}: {test.Name}",
        "A sentence has words with underscores between them and begins with a capital letter:");

    [Fact]
    public void A_test_never_sleeps() => Repository.AssertNone(
        from file in Repository.Sources
        where file.StartsWith("tests/", StringComparison.Ordinal)
        from line in Repository.ReadLines(file).Select((text, at) => (text, number: at + 1))
        where Sleep().IsMatch(line.text)
        select $"{file}:{line.number}",
        "Advance the clock, or await a signal:");

    [Fact]
    public void The_tests_are_found_at_all() => Assert.Contains(Tests, test => string.Equals(test.Name, nameof(The_tests_are_found_at_all), StringComparison.Ordinal));

    [GeneratedRegex(@"\[(Fact|Theory)\b[^\n]*\n(\s*(\[|//)[^\n]*\n)*\s*public\s+(static\s+)?(async\s+)?[\w<>]+\s+(?<name>\w+)\s*\(|\[(Fact|Theory)\][ \t]*public\s+(static\s+)?(async\s+)?[\w<>]+\s+(?<name>\w+)\s*\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TestMethod();

    [GeneratedRegex("^[A-Z0-9][A-Za-z0-9]*(_[A-Za-z0-9]+){2,}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\bThread\.[S]leep\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Sleep();
}
