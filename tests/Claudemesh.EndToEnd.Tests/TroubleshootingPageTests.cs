namespace Claudemesh.EndToEnd.Tests;

public sealed class TroubleshootingPageTests
{
    [Fact]
    public void Every_row_of_the_page_is_held_by_a_test()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Claudemesh.EndToEnd.Tests.csproj")))
            folder = Path.GetDirectoryName(folder)!;
        string tests = string.Concat(Directory.EnumerateFiles(folder, "*Tests.cs").Select(File.ReadAllText));

        Assert.All(TroubleshootingPage.Mistakes, mistake => Assert.Contains($"AssertTold(\"{mistake}\"", tests, StringComparison.Ordinal));
    }
}
