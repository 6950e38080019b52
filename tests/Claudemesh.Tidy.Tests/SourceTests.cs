using System.Text.RegularExpressions;

namespace Claudemesh.Tidy.Tests;

/// <summary>Lengths, names and places of the code.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 400;

    private static readonly string[] FoldersThatSayNothing = ["Services", "Models", "Common", "Helpers", "Utils", "Shared"];

    /// <summary>People that samples and recorded conversations may be about.</summary>
    private static readonly string[] SamplePeople = ["alice", "bob", "carol", "dave", "you", "mou"];

    [Fact]
    public void No_source_file_is_longer_than_400_lines() => Repository.AssertNone(
        from file in Repository.Sources
        let lines = Repository.ReadLines(file).Length
        where lines > LinesMax
        select $"{file}: {lines}",
        "These files have become two things; give each its own:");

    [Fact]
    public void No_type_has_a_name_that_fits_everything() => Repository.AssertNone(
        from file in Repository.Sources
        from Match declared in TypeDeclaration().Matches(Repository.Read(file))
        where VagueName().IsMatch(declared.Groups["name"].Value)
        select $"{file}: {declared.Groups["name"].Value}",
        "Manager, Helper, Util, Base and Impl say nothing about what a type does:");

    /// <summary>The compiler refuses the generator, and nobody may tell it to look away.</summary>
    [Fact]
    [Trait("rest", "7.1 A23")]
    public void No_id_comes_from_a_generator_that_can_be_guessed()
    {
        Assert.Contains("T:System.Random;", Repository.Read("BannedSymbols.txt"), StringComparison.Ordinal);
        Repository.AssertNone(
            from file in Repository.Sources
            where file.StartsWith("src/", StringComparison.Ordinal)
            let text = Repository.Read(file)
            where text.Contains("RS0030", StringComparison.Ordinal) || text.Contains("Random.Shared", StringComparison.Ordinal)
            select file,
            "Ids, secrets and whatever else must not be guessed come from Claudemesh.Crypto:");
    }

    [Fact]
    public void No_folder_gathers_by_kind_instead_of_by_capability() => Repository.AssertNone(
        Repository.Sources
            .Where(file => file.Split('/').SkipLast(1).Any(folder => FoldersThatSayNothing.Contains(folder, StringComparer.Ordinal)))
            .Select(file => Path.GetDirectoryName(file)!)
            .Distinct(StringComparer.Ordinal),
        "A capability lives in one folder with its name:");

    [Fact]
    public void The_namespace_of_a_product_file_is_its_folder_or_one_above_it() => Repository.AssertNone(
        from file in Repository.Sources
        where file.StartsWith("src/", StringComparison.Ordinal)
        let declared = NamespaceDeclaration().Match(Repository.Read(file)).Groups["name"].Value
        where declared.Length > 0 && !IsFolderOrAbove(declared, Path.GetDirectoryName(file)!["src/".Length..].Replace('/', '.'))
        select $"{file}: {declared}",
        "Whoever reads a using line must be able to find the file:");

    [Fact]
    public void Work_left_over_is_not_hidden_in_the_code() => Repository.AssertNone(
        from file in TextFiles
        from line in Repository.ReadLines(file).Select((text, at) => (text, number: at + 1))
        where LeftOver().IsMatch(line.text)
        select $"{file}:{line.number}",
        "What is left to do is an issue, not a comment:");

    [Fact]
    public void No_file_names_a_folder_of_the_machine_it_was_written_on() => Repository.AssertNone(
        from file in TextFiles
        from line in Repository.ReadLines(file).Select((text, at) => (text, number: at + 1))
        from Match found in MachinePath().Matches(line.text)
        where !SamplePeople.Contains(found.Groups["person"].Value, StringComparer.Ordinal)
        select $"{file}:{line.number}: {found.Value}",
        "These paths exist on one machine only:");

    private static IEnumerable<string> TextFiles => Repository.Files.Where(file =>
        Path.GetExtension(file) is ".cs" or ".md" or ".sh" or ".csproj" or ".props" or ".proj" or ".sql" or ".json" or ".jsonl" or "");

    private static bool IsFolderOrAbove(string declared, string folder) =>
        string.Equals(folder, declared, StringComparison.Ordinal) || folder.StartsWith(declared + ".", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*((public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe|new)\s+)*(class|struct|interface|enum|record(\s+(class|struct))?)\s+(?<name>[A-Z]\w*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex("(Manager|Helpers?|Utils?|Utilities|Base|Impl)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex VagueName();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex NamespaceDeclaration();

    // Written so that this file keeps the rules it checks.
    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K|XX[X]|Not[I]mplementedException)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LeftOver();

    [GeneratedRegex(@"(?<![\w.~$}/])/([w]ork|[r]oot|home/(?<person>\w+))/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex MachinePath();
}
