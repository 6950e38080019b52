using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>The scripts of <c>completions</c>, in the shells that they are for.</summary>
public sealed class ShellTests
{
    private const string Fish = "/usr/bin/fish";
    private const string Zsh = "/usr/bin/zsh";

    // What bash does at a tab: it breaks the line into words, calls the function, and puts in what it finds.
    private const string Bash = """
        source <(claudemesh completions bash)
        COMP_LINE=$1; COMP_POINT=${#1}; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _claudemesh
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    [Fact]
    public async Task Bash_completes_verbs_options_and_live_names()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person spaced = new("spaced");
        await spaced.DoAsync("join", (await scene.Alice.DoAsync("invite")).GetProperty("url").GetString()!, "--as", "Bo Diddley");

        Assert.Equal("send\n", await CompleteAsync(scene.Alice, "claudemesh sen", "claudemesh", "sen"));
        Assert.Equal("--priority\n", await CompleteAsync(scene.Alice, "claudemesh send bob hi --prio", "claudemesh", "send", "bob", "hi", "--prio"));
        Assert.Equal("low\n", await CompleteAsync(scene.Alice, "claudemesh send --priority=l", "claudemesh", "send", "--priority", "=", "l"));
        Assert.Equal("now\nnext\nlow\n", await CompleteAsync(scene.Alice, "claudemesh send --priority=", "claudemesh", "send", "--priority", "="));
        Assert.Equal("acme\n", await CompleteAsync(scene.Alice, "claudemesh peers --workspace a", "claudemesh", "peers", "--workspace", "a"));
        // The broker may be slow to answer on a busy machine, and then names are left out: the next key asks again.
        await Eventually.IsAsync("bob, and who has a blank in his name, quoted", async () =>
            string.Equals(await CompleteAsync(scene.Alice, "claudemesh send b", "claudemesh", "send", "b"), "bob\n", StringComparison.Ordinal)
            && string.Equals(await CompleteAsync(scene.Alice, "claudemesh send B", "claudemesh", "send", "B"), "Bo\\ Diddley\n", StringComparison.Ordinal) ? "so" : null);
    }

    [Fact]
    public async Task Fish_completes_verbs_and_options()
    {
        Assert.SkipUnless(File.Exists(Fish), "fish is not installed here.");
        await using Person person = new("fish");

        Ended ended = await RunAsync(person, Fish, "-c", "claudemesh completions fish | source; complete -C 'claudemesh daemon '; complete -C 'claudemesh send --prio'");

        Assert.Equal((0, ""), (ended.Code, ended.Error));
        string[] offered = [.. ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])];
        Assert.Superset(new HashSet<string>(["up", "down", "status", "logs", "--priority"], StringComparer.Ordinal), offered.ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/usr/bin/bash", "bash")]
    [InlineData(Zsh, "zsh")]
    [InlineData(Fish, "fish")]
    public async Task The_script_is_one_that_the_shell_understands(string shell, string name)
    {
        Assert.SkipUnless(File.Exists(shell), $"{name} is not installed here.");
        await using Person person = new("shell");
        string script = Path.Combine(person.Folder, "script");
        await File.WriteAllTextAsync(script, (await person.TryAsync("completions", name)).Output);

        Assert.Equal(new Ended(0, "", ""), await RunAsync(person, shell, "-n", script));
    }

    private static async Task<string> CompleteAsync(Person person, string line, params string[] words)
    {
        Ended ended = await RunAsync(person, "/usr/bin/bash", ["-c", Bash, "bash", line, .. words]);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        return ended.Output;
    }

    private static Task<Ended> RunAsync(Person person, string shell, params string[] arguments) => Programs.RunAsync(shell, arguments, new Dictionary<string, string>
    {
        [DaemonHome.Variable] = person.Folder,
        ["HOME"] = person.Folder,
        ["PATH"] = $"{Programs.Folder}:{Environment.GetEnvironmentVariable("PATH")}",
    });
}
