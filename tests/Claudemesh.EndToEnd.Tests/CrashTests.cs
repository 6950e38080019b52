using System.Globalization;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Every process is killed in the middle of a conversation. CLAUDEMESH_CRASH_SENDS makes it longer (./dev soak: 10,000).</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_is_killed_nothing_is_lost_nothing_comes_twice_and_the_order_holds()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("CLAUDEMESH_CRASH_SENDS") ?? "1000", CultureInfo.InvariantCulture);

        // A mailbox that is full now and then belongs to it: what is refused for now must not be overtaken.
        await using Scene scene = await Scene.SetAsync(flags: ["--limit", string.Create(CultureInfo.InvariantCulture, $"mailbox-messages-per-sender={count / 10}")]);

        for (int i = 0; i < count; i++)
        {
            if (i == count / 4)
                await RestartDaemonAsync(scene.Bob);
            if (i == count / 2)
                await RestartDaemonAsync(scene.Alice);
            if (i == count * 3 / 4)
                await RestartBrokerAsync(scene.Broker);

            await SendAsync(scene.Alice, i);
        }

        IReadOnlyList<InboxItem> inbox = await Eventually.IsAsync(
            $"{count} messages are in bob's inbox",
            async () => await scene.Bob.ReadInboxAsync() is var items && items.Count >= count ? items : null);
        output.WriteLine($"crashes: {count} sent, {inbox.Count} received");
        Assert.Equal(Enumerable.Range(0, count).Select(Text), inbox.Select(item => item.Text));
    }

    /// <summary>Sends one message as a careful program does: under one id, again until the daemon has said that it has it.</summary>
    private static async Task SendAsync(Person from, int number)
    {
        string id = Guid.CreateVersion7().ToString();
        await Eventually.IsAsync($"message {number} is in the outbox", async () =>
        {
            LocalReply<SendResult> reply = await from.Client.SendAsync(
                new SendMessage("bob", Text(number), ClientMessageId: id), CancellationToken.None);
            return reply.Succeeded ? reply.Value : null;
        });
    }

    private static string Text(int number) => $"message {number}";

    private static async Task RestartDaemonAsync(Person person)
    {
        await person.KillDaemonAsync();
        await person.DoAsync("daemon", "up");
    }

    private static async Task RestartBrokerAsync(BrokerProgram broker)
    {
        await broker.KillAsync();
        await broker.StartAgainAsync();
    }
}
