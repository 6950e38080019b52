using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Contacts;

/// <summary>Both sides compute one number over member keys; who has compared it is marked, and a changed key drops the mark.</summary>
public sealed class SafetyTests : IAsyncLifetime
{
    private ScriptedBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await ScriptedBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Address);
        await Eventually.TrueAsync("both are connected", () => broker.ConnectionCount == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Both_sides_see_the_same_sixty_digits_also_from_within_a_session()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "billing", "/src", Environment.ProcessId), default));
        Safety atAlice = Assert.Single((await Ok.Async(alice.Client.ListSafetyAsync(null, "bob", default))).Members);
        Safety atBob = Assert.Single((await Ok.Async(bob.Client.ListSafetyAsync("acme", null, default))).Members);

        Assert.Equal(atAlice.SafetyNumber, atBob.SafetyNumber);
        Assert.Equal(("bob", "alice"), (atAlice.Name, atBob.Name));
        string[] blocks = atAlice.SafetyNumber.Split(" / ");
        Assert.All(blocks, block => Assert.Equal(30, block.Count(char.IsAsciiDigit)));
        Assert.True(blocks.Length == 2 && string.CompareOrdinal(blocks[0], blocks[1]) <= 0);
    }

    [Fact]
    public async Task The_mark_is_kept_shown_in_the_lists_and_can_be_taken_back()
    {
        Assert.True((await MarkAsync(verified: true)).Verified);
        await alice.RestartAsync();

        Safety marked = Assert.Single((await Ok.Async(alice.Client.ListSafetyAsync(null, null, default))).Members);
        Assert.True(marked.Verified && marked.VerifiedAt is not null);
        Assert.Equal([false, true], (await MembersAsync()).Select(member => member.Verified));
        Assert.False(Assert.Single((await Ok.Async(bob.Client.ListSafetyAsync(null, null, default))).Members).Verified);

        Assert.False((await MarkAsync(verified: false)).Verified);
        Assert.Equal([false, false], (await MembersAsync()).Select(member => member.Verified));
    }

    [Fact]
    public async Task A_broker_that_shows_another_key_drops_the_mark_and_nothing_is_sent_there()
    {
        await MarkAsync(verified: true);
        broker.ReplaceKey("bob", Crypto.SigningKey.Generate().Public);
        Safety doubted = Assert.Single((await Ok.Async(alice.Client.ListSafetyAsync(null, null, default))).Members);
        LocalReply<SendResult> sent = await alice.Client.SendAsync(new SendMessage("bob", "x"), default);
        LocalReply<SafetyList> confirmed = await alice.Client.MarkVerifiedAsync(new MarkVerified("bob"), default);

        Assert.Equal((true, false), (doubted.Changed, doubted.Verified));
        Assert.Equal((LocalErrors.UnsafeRecipient, (int)ExitCode.Denied), (sent.Problem?.Error, sent.Problem?.ExitCode));
        Assert.Contains("another key for bob", sent.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal(LocalErrors.UnsafeRecipient, confirmed.Problem?.Error);

        await alice.RestartAsync();
        Assert.False(Assert.Single((await Ok.Async(alice.Client.ListSafetyAsync(null, null, default))).Members).Verified);
    }

    [Theory]
    [InlineData("@backend", LocalErrors.InvalidRequest)]
    [InlineData("alice", LocalErrors.RecipientIsSelf)]
    [InlineData("bbo", LocalErrors.RecipientNotFound)]
    [InlineData("0404040404040404040404040404040404040404040404040404040404040404", LocalErrors.RecipientNotFound)]
    public async Task What_is_not_one_other_member_cannot_be_compared_with(string peer, string error) =>
        Assert.Equal(error, (await alice.Client.ListSafetyAsync(null, peer, default)).Problem?.Error);

    private async Task<Safety> MarkAsync(bool verified) =>
        Assert.Single((await Ok.Async(alice.Client.MarkVerifiedAsync(new MarkVerified("bob", Verified: verified), default))).Members);

    private async Task<IEnumerable<Member>> MembersAsync() =>
        (await Ok.Async(alice.Client.ListMembersAsync(null, default))).Members.OrderBy(member => member.Name, StringComparer.Ordinal);
}
