using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Manual;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Manual;

/// <summary>Every verb has a page for <c>man</c>, made from the table that the parser uses.</summary>
public sealed class ManPageTests : IDisposable
{
    private const string Roff = "/usr/bin/groff";

    private readonly Desk desk = new();

    [Theory]
    [InlineData("man.1", "man")]
    [InlineData("man-send.1", "man send")]
    [InlineData("man-daemon-up.1", "man daemon up")]
    public async Task A_page_is_what_its_golden_file_says(string golden, string line)
    {
        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        Golden.Matches(golden, seen.Output);
    }

    [Fact]
    public async Task A_verb_that_does_not_exist_has_no_page()
    {
        Seen seen = await desk.TypeAsync("man", "daemon", "dwon");

        Assert.Equal((ExitCode.BadArguments, "claudemesh: 'claudemesh daemon' has no verb 'dwon'. Did you mean 'down'?\n"), (seen.Code, seen.Error));
    }

    [Fact]
    public async Task All_pages_are_written_at_once_and_each_leads_to_its_neighbours()
    {
        string folder = Path.Combine(desk.Folder, "share", "man1");
        Verb root = new Interpreter(desk.Around()).Root;

        Seen seen = await desk.TypeAsync("man", "--all", folder, "--json");

        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Equal(
            root.Visible().Select(verb => ManPage.Name(verb) + ".1").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains(".BR claudemesh\\-daemon\\-up (1)", await File.ReadAllTextAsync(Path.Combine(folder, "claudemesh-daemon.1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Roff_has_nothing_to_say_about_any_page()
    {
        Assert.SkipUnless(File.Exists(Roff), "groff is not installed here.");
        string folder = Path.Combine(desk.Folder, "man1");
        await desk.TypeAsync("man", "--all", folder);

        ChildEnd end = await new ChildProgram(Roff, new Dictionary<string, string>())
            .RunAsync(["-man", "-ww", "-Tutf8", "-z", .. Directory.EnumerateFiles(folder)], CancellationToken.None);

        Assert.Equal(new ChildEnd(0, ""), end);
    }

    public void Dispose() => desk.Dispose();
}
