using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Claudemesh.Tidy.Tests;

/// <summary>Which project may use which. What is not listed is not allowed; ARCHITECTURE.md shows the same table with its reasons.</summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Claudemesh.Protocol"] = [],
        ["Claudemesh.Crypto"] = ["Claudemesh.Protocol"],
        ["Claudemesh.Client"] = ["Claudemesh.Protocol", "Claudemesh.Crypto"],
        ["Claudemesh.Local"] = ["Claudemesh.Protocol"],
        ["Claudemesh.Daemon"] = ["Claudemesh.Client", "Claudemesh.Local"],
        ["Claudemesh.Mcp"] = ["Claudemesh.Local"],
        ["Claudemesh.Cli"] = ["Claudemesh.Local"],
        ["Claudemesh.Broker"] = ["Claudemesh.Protocol", "Claudemesh.Crypto"],
        ["Claudemesh.Broker.Host"] = ["Claudemesh.Broker"],
        ["Claudemesh.Broker.Cluster"] = ["Claudemesh.Broker"],
        ["Claudemesh.Gateway"] = ["Claudemesh.Client"],
    };

    private static IEnumerable<string> ProductProjects => Repository.Projects.Where(project => project.StartsWith("src/", StringComparison.Ordinal));

    [Fact]
    public void A_project_uses_only_what_the_table_allows() => Repository.AssertNone(
        from project in ProductProjects
        from used in References(project)
        where Allowed.TryGetValue(Path.GetFileNameWithoutExtension(project), out string[]? allowed) && !allowed.Contains(used, StringComparer.Ordinal)
        select $"{Path.GetFileNameWithoutExtension(project)} -> {used}",
        "These references are not in the table of ArrowTests:");

    [Fact]
    public void Every_product_project_is_in_the_table() => Repository.AssertNone(
        ProductProjects.Where(project => !Allowed.ContainsKey(Path.GetFileNameWithoutExtension(project))),
        "These projects have no row in the table of ArrowTests:");

    [Fact]
    public void No_product_project_refers_to_a_test() => Repository.AssertNone(
        from project in ProductProjects
        from used in References(project)
        where used.Contains("Test", StringComparison.Ordinal)
        select $"{project} -> {used}",
        "Tests use the product, never the other way round:");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Repository.Read("Claudemesh.slnx");
        Repository.AssertNone(
            Repository.Projects.Where(project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal)),
            "These projects are never built, because Claudemesh.slnx does not name them:");
    }

    [Fact]
    public void Only_the_crypto_project_calls_libsodium() => Repository.AssertNone(
        Repository.Sources
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal) && !file.StartsWith("src/Claudemesh.Crypto/", StringComparison.Ordinal))
            .Where(file => LibsodiumImport().IsMatch(Repository.Read(file))),
        "libsodium is reached through Claudemesh.Crypto alone:");

    [Fact]
    public void Every_project_has_its_lock_file() => Repository.AssertNone(
        Repository.Projects.Where(project => !Repository.Has(Path.GetDirectoryName(project) + "/packages.lock.json")),
        "These projects restore whatever is newest, because packages.lock.json is missing:");

    [Fact]
    public void Versions_of_packages_are_kept_in_one_place() => Repository.AssertNone(
        from project in Repository.Projects
        from package in XDocument.Parse(Repository.Read(project)).Descendants("PackageReference")
        where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null
        select $"{project}: {package.Attribute("Include")?.Value}",
        "Versions belong in Directory.Packages.props:");

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(Repository.Read(project))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

    [GeneratedRegex("""(LibraryImport|DllImport)\(\s*"(lib)?sodium""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LibsodiumImport();
}
