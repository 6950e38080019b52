using Claudemesh.Daemon.Outbox;
using Claudemesh.Local;
using Claudemesh.Protocol;
using MessageStates = Claudemesh.Local.MessageStates;

namespace Claudemesh.Daemon.Tests.Outbox;

public sealed class OutboxStoreTests
{
    private static readonly PublicKey Bob = new(Enumerable.Repeat((byte)2, 32).ToArray());

    public static TheoryData<string> States =>
        [MessageStates.Pending, MessageStates.Sent, MessageStates.Accepted, MessageStates.Delivered, MessageStates.Surfaced, MessageStates.Read, MessageStates.Refused, MessageStates.Expired];

    [Theory]
    [MemberData(nameof(States))]
    [Trait("cli", "7 ids: a write that is done twice")]
    public async Task The_same_id_with_the_same_content_is_the_same_send_in_every_state(string state)
    {
        await using OutboxFixture fixture = await InStateAsync(state);
        Assert.Equal(Submission.Again, await fixture.SubmitAsync("a", Bob));
        Assert.Equal(state, fixture.Get("a").State);
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task The_same_id_with_another_content_is_refused_in_every_state(string state)
    {
        await using OutboxFixture fixture = await InStateAsync(state);
        Assert.Equal(Submission.Conflict, await fixture.SubmitAsync("a", Bob, "something else", fingerprint: 1));
        Assert.Equal("hello", fixture.Get("a").Body);
    }

    [Fact]
    public async Task Of_two_sends_with_one_id_at_the_same_moment_one_is_stored()
    {
        await using OutboxFixture fixture = await OutboxFixture.StartAsync();
        Submission[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => fixture.SubmitAsync("a", Bob)));

        Assert.Single(all, submission => submission is Submission.Stored);
        Assert.Equal(19, all.Count(submission => submission is Submission.Again));
        Assert.Equal(1, fixture.Outbox.CountWaiting(fixture.Row.No));
    }

    [Theory]
    [MemberData(nameof(States))]
    [Trait("cli", "7 crash: what was on its way is stuck")]
    public async Task After_a_crash_only_what_was_on_its_way_waits_again(string state)
    {
        await using OutboxFixture fixture = await InStateAsync(state);
        await fixture.RestartAsync();

        Assert.Equal(state is MessageStates.Sent ? MessageStates.Pending : state, fixture.Get("a").State);
        bool waits = state is MessageStates.Sent or MessageStates.Pending;
        Assert.Equal(waits ? 1 : 0, fixture.Outbox.ReadPending(fixture.Row.No, 0, 10).Count);
        Assert.Equal(waits ? 1 : 0, fixture.Outbox.CountWaiting(fixture.Row.No));
    }

    [Fact]
    [Trait("issue", "1")]
    public async Task A_receipt_that_is_written_down_before_the_acknowledgement_of_its_message_is_not_lost()
    {
        await using OutboxFixture fixture = await InStateAsync(MessageStates.Sent);

        // The broker's receipts name its own id only.
        foreach (string state in new[] { MessageStates.Read, MessageStates.Delivered })
            Assert.Empty(await fixture.Outbox.RaiseAsync(fixture.Row.No, [new Raise(null, "m1", state, null)], CancellationToken.None));
        await fixture.Outbox.SettleAsync(fixture.Row.No, [new Settlement(fixture.Get("a").Seq, MessageStates.Accepted, null, "m1")], [], CancellationToken.None);

        Assert.Equal((MessageStates.Read, "m1"), (fixture.Get("a").State, fixture.Get("a").MessageId));
        Assert.Equal(0, fixture.Outbox.CountWaiting(fixture.Row.No));
    }

    [Fact]
    public async Task Receipts_and_acknowledgements_that_come_at_the_same_time_are_all_counted()
    {
        const int Count = 200;
        await using OutboxFixture fixture = await OutboxFixture.StartAsync();
        for (int i = 0; i < Count; i++)
            await fixture.SubmitAsync($"a{i}", Bob);

        await Task.WhenAll(fixture.Outbox.ReadPending(fixture.Row.No, 0, Count).SelectMany(row => new[]
        {
            Task.Run(() => fixture.Outbox.RaiseAsync(fixture.Row.No, [new Raise(null, "of-" + row.ClientMessageId, MessageStates.Delivered, null)], CancellationToken.None)),
            Task.Run(() => fixture.Outbox.SettleAsync(
                fixture.Row.No, [new Settlement(row.Seq, MessageStates.Accepted, null, "of-" + row.ClientMessageId)], [row.Seq], CancellationToken.None)),
        }));

        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(MessageStates.Delivered, fixture.Get($"a{i}").State));
    }

    [Fact]
    public void Of_early_receipts_the_oldest_goes_when_there_are_too_many_and_the_highest_state_stays()
    {
        var early = new EarlyReceipts(heldMax: 2);
        early.Keep([new Raise(null, "m1", MessageStates.Delivered, null), new Raise(null, "m2", MessageStates.Delivered, null)]);
        early.Keep([new Raise(null, "m2", MessageStates.Read, null), new Raise(null, "m2", MessageStates.Delivered, null), new Raise(null, "m3", MessageStates.Delivered, null)]);

        Assert.Equal([("m2", MessageStates.Read), ("m3", MessageStates.Delivered)], early.Find(["m1", "m2", "m3"]).Select(raise => (raise.MessageId, raise.State)));
    }

    [Fact]
    public async Task A_state_never_falls()
    {
        await using OutboxFixture fixture = await InStateAsync(MessageStates.Read);
        foreach (string lower in new[] { MessageStates.Delivered, MessageStates.Surfaced, MessageStates.Expired })
            Assert.Empty(await RaiseAsync(fixture, lower));
        Assert.Equal(MessageStates.Read, fixture.Get("a").State);
    }

    [Fact]
    public async Task A_receipt_that_overtakes_the_answer_to_its_message_stays()
    {
        await using OutboxFixture fixture = await InStateAsync(MessageStates.Sent);
        OutboxRow row = fixture.Get("a");
        Assert.Equal(["a"], await RaiseAsync(fixture, MessageStates.Delivered));

        await fixture.Outbox.SettleAsync(fixture.Row.No, [new Settlement(row.Seq, MessageStates.Accepted, null, "m1")], [], CancellationToken.None);
        Assert.Equal(MessageStates.Delivered, fixture.Get("a").State);
        Assert.Equal(0, fixture.Outbox.CountWaiting(fixture.Row.No));
    }

    [Theory]
    [InlineData("client-id-of-it")]
    [InlineData("client-i")]
    [InlineData("brokers-id-of-it")]
    [InlineData("brokers-i")]
    public async Task A_message_is_found_by_either_id_or_the_beginning_of_one(string id)
    {
        await using OutboxFixture fixture = await OutboxFixture.StartAsync();
        await fixture.SubmitAsync("client-id-of-it", Bob);
        OutboxRow row = fixture.Get("client-id-of-it");
        await fixture.Outbox.SettleAsync(fixture.Row.No, [new Settlement(row.Seq, MessageStates.Accepted, null, "brokers-id-of-it")], [], CancellationToken.None);

        Assert.Equal(["client-id-of-it"], fixture.Outbox.FindBatches(id));
        Assert.Empty(fixture.Outbox.FindBatches(id[..7]));
    }

    [Fact]
    public async Task What_ended_is_deleted_after_ninety_days_and_what_waits_is_not()
    {
        await using OutboxFixture fixture = await InStateAsync(MessageStates.Accepted);
        await fixture.SubmitAsync("b", Bob);
        fixture.Clock.Advance(OutboxStore.Retention + TimeSpan.FromDays(1));

        Assert.Equal(1, await fixture.Outbox.PruneAsync(CancellationToken.None));
        Assert.Empty(fixture.Outbox.FindBatch("a").Copies);
        Assert.Single(fixture.Outbox.FindBatch("b").Copies);
    }

    private static async Task<OutboxFixture> InStateAsync(string state)
    {
        OutboxFixture fixture = await OutboxFixture.StartAsync();
        Assert.Equal(Submission.Stored, await fixture.SubmitAsync("a", Bob));
        long seq = fixture.Get("a").Seq;
        if (state is not MessageStates.Pending)
            await fixture.Outbox.SettleAsync(fixture.Row.No, [], [seq], CancellationToken.None);
        if (state is MessageStates.Refused or MessageStates.Expired)
            await fixture.Outbox.SettleAsync(fixture.Row.No, [new Settlement(seq, state, "no", null)], [], CancellationToken.None);
        else if (state is not (MessageStates.Pending or MessageStates.Sent))
            await fixture.Outbox.SettleAsync(fixture.Row.No, [new Settlement(seq, MessageStates.Accepted, null, "m1")], [], CancellationToken.None);
        if (state is MessageStates.Delivered or MessageStates.Surfaced or MessageStates.Read)
            Assert.Single(await RaiseAsync(fixture, state));
        Assert.Equal(state, fixture.Get("a").State);
        return fixture;
    }

    private static Task<IReadOnlyCollection<string>> RaiseAsync(OutboxFixture fixture, string state) =>
        fixture.Outbox.RaiseAsync(fixture.Row.No, [new Raise("a", "m1", state, null)], CancellationToken.None);
}
