using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>What goes wrong on a stranger's machine: each has one clear message and its exit code.</summary>
public sealed class MistakeTests
{
    [Fact]
    [Trait("cli", "7 naming: two of one name")]
    [Trait("cli", "7 naming: keys that are cut short")]
    public async Task A_name_that_two_bear_is_refused_with_the_full_address_of_each()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person second = new("dave");
        JsonElement invite = await scene.Alice.DoAsync("invite");
        await second.DoAsync("join", invite.GetProperty("url").GetString()!, "--as", "Bob");
        string[] keys = [await KeyAsync(scene.Bob), await KeyAsync(second)];

        Ended ended = await scene.Alice.TryAsync("send", "bob", "which?");

        TroubleshootingPage.AssertTold("Two people have the name", ended);
        Assert.All(keys, key => Assert.Contains(key, ended.Error, StringComparison.Ordinal));
        await scene.Alice.DoAsync("send", keys[1], "you", "--wait", "delivered");
        Assert.Equal("you", Assert.Single(await second.ReadInboxAsync()).Text);
    }

    [Fact]
    public async Task A_workspace_of_the_same_name_on_another_broker_is_told_apart_on_this_machine()
    {
        await using Scene scene = await Scene.SetAsync();
        await using BrokerProgram other = await BrokerProgram.StartAsync();
        JsonElement second = await scene.Alice.DoAsync("new", "acme", "--broker", other.Url.ToString(), "--as", "alice");
        Assert.Equal(("acme-2", "acme"), (second.GetProperty("slug").GetString(), second.GetProperty("name").GetString()));

        Ended unsaid = await scene.Alice.TryAsync("summary", "where?");
        Ended misspelt = await scene.Alice.TryAsync("summary", "where?", "--workspace", "acme-3");
        Assert.Equal(((int)ExitCode.BadArguments, "claudemesh: Say which workspace: acme, acme-2.\n"), (unsaid.Code, unsaid.Error));
        TroubleshootingPage.AssertTold("Two workspaces have the name", unsaid);
        Assert.Equal((int)ExitCode.NotFound, misspelt.Code);
        Assert.Contains("Did you mean 'acme", misspelt.Error, StringComparison.Ordinal);

        await scene.Alice.DoAsync("summary", "here", "--workspace", "acme-2");
        JsonElement[] selves = [.. (await scene.Alice.DoAsync("summary")).GetProperty("selves").EnumerateArray()];
        Assert.Equal([("acme", null), ("acme-2", "here")], selves.Select(self => (self.GetProperty("workspace").GetString(), self.GetProperty("summary").GetString())));
        Assert.Contains(other.Url.ToString().TrimEnd('/'), (await scene.Alice.TryAsync("list")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send bbo hi", ExitCode.NotFound, "Did you mean 'bob'?")]
    [InlineData("send @backedn hi", ExitCode.NotFound, "Did you mean '@backend'?")]
    [InlineData("peers -w amce", ExitCode.NotFound, "Did you mean 'acme'?")]
    [InlineData("group leave bakend", ExitCode.NotFound, "You are not in @bakend of acme.")]
    [InlineData("sumary x", ExitCode.BadArguments, "Did you mean 'summary'?")]
    [InlineData("profile --titel x", ExitCode.BadArguments, "Did you mean '--title'?")]
    [InlineData("status set idel", ExitCode.BadArguments, "Did you mean 'idle'?")]
    [Trait("cli", "7 silent loss: a typing mistake that is queued")]
    public async Task A_word_that_is_nearly_right_is_answered_with_the_right_one(string line, ExitCode code, string told)
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("group", "join", "backend");

        Ended ended = await scene.Alice.TryAsync(line.Split(' '));

        Assert.Equal(((int)code, ""), (ended.Code, ended.Output));
        Assert.Contains(told, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', ended.Error);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused_before_it_is_sent_with_its_size_and_the_limit()
    {
        await using Scene scene = await Scene.SetAsync();
        Ended ended = await scene.Alice.TryAsync("send", "bob", new string('x', LocalLimits.TextBytesMax + 1));

        TroubleshootingPage.AssertTold("The message is too long", ended);
        Assert.Contains("has 45,057 bytes", ended.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await scene.Alice.DoAsync("status")).GetProperty("pending").GetInt64());
    }

    [Theory]
    [InlineData("NO_COLOR", "")]
    [InlineData("TERM", "dumb")]
    [InlineData("TERM", "xterm-256color")]
    public async Task What_goes_into_a_pipe_has_no_colours_and_no_pictures(string name, string value)
    {
        await using Scene scene = await Scene.SetAsync();
        foreach (string verb in new[] { "peers", "list", "status", "invite", "profile" })
        {
            Ended ended = await scene.Alice.TryInAsync([(name, value)], verb);
            Assert.Equal(0, ended.Code);
            Assert.DoesNotContain('\e', ended.Output);
            Assert.DoesNotContain('█', ended.Output);
        }
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("1", false)]
    public async Task A_terminal_gets_colours_unless_its_person_does_not_want_any(string noColour, bool hasColours)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no program here that makes a terminal.");
        await using Scene scene = await Scene.SetAsync();

        Ended ended = await Programs.RunAsync(
            "/usr/bin/script", ["-qec", $"'{Programs.Find("claudemesh")}' send bob hi --wait delivered", "/dev/null"], scene.Alice.EnvironmentWith([("NO_COLOR", noColour), ("TERM", "xterm-256color")]));

        Assert.Equal(0, ended.Code);
        Assert.Contains("delivered to bob", ended.Output, StringComparison.Ordinal);
        Assert.Equal(hasColours, ended.Output.Contains("\e[2m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_home_with_spaces_and_letters_of_all_kinds_works_and_xdg_variables_do_not_move_it()
    {
        await using Person alice = new("alice");
        string home = Path.Combine(alice.Folder, "Jürgen Müller 名");
        await using BrokerProgram broker = await BrokerProgram.StartAsync(dataFolder: Path.Combine(home, "the broker's"));
        Directory.CreateDirectory(home);
        string elsewhere = Path.Combine(alice.Folder, "elsewhere");
        (string Name, string Value)[] machine = [("HOME", home), (DaemonHome.Variable, ""), ("XDG_CONFIG_HOME", elsewhere), ("XDG_RUNTIME_DIR", elsewhere)];
        try
        {
            Ended made = await alice.TryInAsync(machine, "new", "acme", "--broker", broker.Url.ToString(), "--as", "alice");
            Ended status = await alice.TryInAsync(machine, "status", "--json=home");

            Assert.Equal((0, ""), (made.Code, made.Error));
            Assert.Equal(Path.Combine(home, ".claudemesh"), JsonDocument.Parse(status.Output).RootElement.GetProperty("home").GetString());
            Assert.True(File.Exists(Path.Combine(home, ".claudemesh", "daemon.db")));
            Assert.False(Directory.Exists(elsewhere));
        }
        finally
        {
            await alice.TryInAsync(machine, "daemon", "down");
        }
    }

    private static async Task<string> KeyAsync(Person person) =>
        (await person.DoAsync("list")).GetProperty("workspaces")[0].GetProperty("member_key").GetString()!;
}
