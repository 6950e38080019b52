using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A text that nobody would write by chance is sent; then everything the broker kept and said is searched for it.</summary>
public sealed class BlindnessTests
{
    private const string Canary = "canary-7d1f0c52-the-schema-changed";

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task No_byte_of_a_direct_message_is_in_the_brokers_database_or_log()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("daemon", "down");
        await scene.Alice.DoAsync("send", "bob", Canary, "--wait", "accepted");
        await scene.Alice.DoAsync("send", "*", Canary, "--wait", "accepted");

        byte[] kept = scene.Broker.ReadKept();
        await scene.Bob.DoAsync("daemon", "up");
        await Eventually.IsAsync("both are in bob's inbox", async () => await scene.Bob.ReadInboxAsync() is { Count: 2 } items ? items : null);
        byte[] after = [.. kept, .. scene.Broker.ReadKept(), .. Encoding.UTF8.GetBytes(scene.Broker.Log)];

        Assert.NotEqual(-1, after.AsSpan().IndexOf("acme"u8));
        foreach (byte[] form in Forms())
            Assert.Equal(-1, after.AsSpan().IndexOf(form));
    }

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task No_byte_of_a_state_a_memory_or_a_summary_is_in_the_brokers_database_or_log()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("state", "set", "deploy", Canary);
        await scene.Alice.DoAsync("state", "set", "plan", $"{{\"text\":\"{Canary}\"}}");
        await scene.Alice.DoAsync("remember", Canary, "--tag", Canary);
        await scene.Alice.DoAsync("summary", Canary);
        byte[] kept = scene.Broker.ReadKept();

        await Eventually.IsAsync("bob has all of it", async () =>
        {
            JsonElement states = (await scene.Bob.DoAsync("state", "list")).GetProperty("entries");
            JsonElement found = (await scene.Bob.DoAsync("recall", Canary)).GetProperty("memories");
            JsonElement peers = (await scene.Bob.DoAsync("peers")).GetProperty("peers");
            bool isSummed = peers.EnumerateArray().Any(peer => peer.GetProperty("summary").GetString() == Canary);
            return states.GetArrayLength() == 2 && found.GetArrayLength() == 1 && isSummed ? scene : null;
        });
        string id = (await scene.Alice.DoAsync("recall", Canary)).GetProperty("memories")[0].GetProperty("id").GetString()!;
        await scene.Bob.DoAsync("forget", id);
        await scene.Bob.DoAsync("state", "delete", "deploy");
        await scene.Alice.DoAsync("summary", "--clear");
        byte[] after = [.. kept, .. scene.Broker.ReadKept(), .. Encoding.UTF8.GetBytes(scene.Broker.Log)];

        Assert.NotEqual(-1, after.AsSpan().IndexOf("deploy"u8));
        foreach (byte[] form in Forms())
            Assert.Equal(-1, after.AsSpan().IndexOf(form));
    }

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task No_byte_of_what_goes_to_a_topic_a_group_a_tag_or_everybody_is_in_the_brokers_database_or_log()
    {
        await using Scene scene = await Scene.SetAsync();
        string folder = Directory.CreateDirectory(Path.Combine(scene.Bob.Folder, "projects", "billing")).FullName;
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, ".git")).FullName, "HEAD"), "ref: refs/heads/main\n");
        await using McpSession session = await McpSession.OpenAsync(scene.Bob, folder);
        await scene.Bob.DoAsync("group", "join", "backend");
        await scene.Alice.DoAsync("topic", "create", "plans", "--private", "--with", "bob");
        await Eventually.IsAsync("alice sees bob's tag and group", async () =>
            await scene.Alice.TryAsync("send", "tag:branch:main", Canary, "--wait", "delivered", "--json") is { Code: 0 } ended ? ended : null);
        await scene.Alice.DoAsync("send", "@backend", Canary, "--wait", "delivered");
        await scene.Alice.DoAsync("send", "*", Canary, "--wait", "delivered");
        await scene.Alice.DoAsync("topic", "post", "general", Canary, "--wait", "delivered");
        await scene.Alice.DoAsync("send", "#plans", Canary, "--wait", "delivered");
        byte[] kept = [.. scene.Broker.ReadKept(), .. Encoding.UTF8.GetBytes(scene.Broker.Log)];

        foreach (string topic in new[] { "general", "plans" })
            Assert.Contains(Canary, (await scene.Bob.TryAsync("topic", "history", topic)).Output, StringComparison.Ordinal);
        Assert.NotEqual(-1, kept.AsSpan().IndexOf("plans"u8));
        foreach (byte[] form in Forms())
            Assert.Equal(-1, kept.AsSpan().IndexOf(form));
    }

    [Fact]
    public async Task The_daemons_logs_hold_no_text_key_or_invite()
    {
        await using Scene scene = await Scene.SetAsync();
        string url = (await scene.Alice.DoAsync("invite")).GetProperty("url").GetString()!;
        await scene.Alice.DoAsync("send", "bob", Canary, "--wait", "delivered");

        string log = await File.ReadAllTextAsync(Path.Combine(scene.Alice.Folder, "daemon.log"));

        Assert.NotEmpty(log);
        Assert.DoesNotContain(Canary, log, StringComparison.Ordinal);
        Assert.DoesNotContain(url[^22..], log, StringComparison.Ordinal);
    }

    /// <summary>Only under <c>./dev soak</c>: the dump of a native process is some hundred megabytes and needs gdb.</summary>
    [Fact]
    public async Task No_byte_of_a_direct_message_is_in_the_brokers_memory()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CLAUDEMESH_SOAK") == "1", "Runs under ./dev soak.");
        await using Scene scene = await Scene.SetAsync();
        string folder = Directory.CreateTempSubdirectory("cm-core-").FullName;
        try
        {
            await scene.Alice.DoAsync("send", "bob", Canary, "--wait", "delivered");
            Ended dump = await Programs.RunAsync(
                "gcore", ["-o", Path.Combine(folder, "core"), scene.Broker.ProcessId.ToString(CultureInfo.InvariantCulture)]);
            Assert.True(dump.Code == 0, dump.Error);

            byte[] memory = Programs.ReadAll(folder);
            Assert.NotEqual(-1, memory.AsSpan().IndexOf("acme"u8));
            foreach (byte[] form in Forms())
                Assert.Equal(-1, memory.AsSpan().IndexOf(form));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The text as it is, in base64 at each of its three alignments, and in hexadecimal.</summary>
    private static IEnumerable<byte[]> Forms()
    {
        byte[] text = Encoding.UTF8.GetBytes(Canary);
        yield return text;
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(text));
        for (int shift = 0; shift < 3; shift++)
            yield return Encoding.ASCII.GetBytes(Convert.ToBase64String([.. new byte[shift], .. text])[4..^4]);
    }
}
