using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Sockets;

/// <summary>What an operator has bounded, met over real sockets.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_full_mailbox_refuses_for_now_and_what_was_behind_does_not_overtake()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { Limits = new BrokerLimits { MailboxMessagesPerSender = 2 } });
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        string to = bob.Key.Public.ToString();
        Assert.Equal([null, null, "mailbox_full"], await SendAsync(alice, to, "1", "2", "3"));

        await using TestPeer reading = await bob.ConnectAsync();
        Assert.Equal("1", (await reading.NextMessageAsync()).Text);
        Assert.Equal("2", (await reading.NextMessageAsync()).Text);
        Assert.Equal(["mailbox_full"], await SendAsync(alice, to, "4"));
        // There is room as soon as what bob has read is acknowledged, which alice cannot see: she tries until there is.
        await SendUntilTakenAsync(alice, to, "3");
        await SendUntilTakenAsync(alice, to, "4");
        Assert.Equal("3", (await reading.NextMessageAsync()).Text);
        Assert.Equal("4", (await reading.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task Who_sends_too_fast_is_refused_for_now_with_all_that_was_behind()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { Limits = new BrokerLimits { SendsPerSecond = 1, SendsAtOnce = 2 } });
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        Assert.Equal([null, null, "rate_limit"], await SendAsync(alice, bob.Key, "1", "2", "3"));

        JsonObject answer;
        do
        {
            // However much time has passed, nobody but the third gets through.
            Assert.Equal(["rate_limit"], await SendAsync(alice, bob.Key, Guid.NewGuid().ToString()));
            answer = await alice.SendAsync(bob.Key, "3", clientId: "3");
        }
        while (answer["error"] is not null);

        Assert.Equal("1", (await bob.NextMessageAsync()).Text);
        Assert.Equal("2", (await bob.NextMessageAsync()).Text);
        Assert.Equal("3", (await bob.NextMessageAsync()).Text);
    }

    [Theory]
    [InlineData("sends=5", "There is no limit \"sends\". There are message-bytes, sends-per-second,")]
    [InlineData("sends-per-second", "write sends-per-second=NUMBER, from 1 to 1000000.")]
    [InlineData("sends-per-second=0", "write sends-per-second=NUMBER, from 1 to 1000000.")]
    [InlineData("mailbox-bytes=64 MiB", "The limit mailbox-bytes is bytes that wait in one mailbox: write mailbox-bytes=NUMBER, from 1024 to")]
    [InlineData("group-recipients=99999999999999999999", "from 1 to 5000.")]
    public void A_limit_that_cannot_be_is_told_with_those_that_can(string setting, string told) =>
        Assert.Contains(told, Assert.Throws<FormatException>(() => BrokerLimits.Parse([setting])).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_two_settings_of_a_limit_the_later_counts_and_the_others_stay()
    {
        BrokerLimits limits = BrokerLimits.Parse(["mailbox-messages=5", "message-bytes=2048", "mailbox-messages = 6"]);
        Assert.Equal(new BrokerLimits { MailboxMessages = 6, MessageBytes = 2048 }, limits);
    }

    private static async Task SendUntilTakenAsync(TestPeer from, string to, string text)
    {
        while (await SendAsync(from, to, text) is [{ } refusal])
            Assert.Equal("mailbox_full", refusal);
    }

    /// <returns>The code of each refusal; null where it was accepted.</returns>
    private static async Task<string?[]> SendAsync(TestPeer from, string to, params string[] texts)
    {
        List<string?> codes = [];
        foreach (string text in texts)
            codes.Add((string?)(await from.SendAsync(to, text, clientId: text))["code"]);
        return [.. codes];
    }
}
