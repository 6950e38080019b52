using System.Collections.Frozen;
using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class ReceiptTests
{
    private readonly Workbench bench = new();

    [Fact]
    public void A_broadcast_is_told_in_one_tally_at_most_every_100_ms()
    {
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob));
        bench.Join(bench.Device(Carol));
        bench.Do(bench.Message(Alice, new Address.Everyone(Everyone)));
        bench.AcknowledgeAll();
        Assert.Empty(bench.Notices);
        Assert.Equal(TimeSpan.FromMilliseconds(100), bench.Core.WakeIn);

        bench.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(2, 2, 0, 0, 0, 0), Assert.Single(bench.Notices).Tally);
    }

    [Fact]
    public void Nobody_is_told_who_did_not_ask()
    {
        bench.Join(bench.Device(Alice));
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(bench.Notices);
    }

    [Fact]
    public void A_tally_that_is_not_in_memory_is_asked_for()
    {
        bench.Do(bench.Message(Alice, new Address.Everyone(Everyone)));
        bench.Crash();
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));

        Assert.Single(bench.Effects.OfType<AskOutcomes>());
        Assert.Equal(new Tally(2, 1, 0, 0, 0, 0), Assert.Single(bench.Notices).Tally);
    }

    [Fact]
    public void A_signed_state_is_told_by_itself_once_it_is_durable()
    {
        ConnectionNo bob = Delivered(out Message message);
        bench.HoldsCommits = true;
        bench.Do(Says(bob, message, OutcomeState.Surfaced));
        Assert.Empty(bench.Notices);

        bench.CommitHeld();
        Notify notice = Assert.Single(bench.Notices, notice => notice.Signed is not null);
        Assert.Equal((OutcomeState.Surfaced, new Tally(1, 1, 1, 0, 0, 0)), (notice.Signed!.State, notice.Tally));
    }

    [Fact]
    public void States_only_rise_and_final_ones_stay()
    {
        ConnectionNo bob = Delivered(out Message message);
        foreach (OutcomeState state in new[] { OutcomeState.Surfaced, OutcomeState.Read, OutcomeState.Surfaced, OutcomeState.Refused })
            bench.Do(Says(bob, message, state));

        Assert.Equal(
            [OutcomeState.Surfaced, OutcomeState.Read], bench.Writes.OfType<RecordOutcome>().Select(record => record.Outcome.State));
        Assert.Equal(2, bench.Core.Figures.Ignored);
    }

    [Theory]
    [InlineData(OutcomeState.Delivered)]
    [InlineData(OutcomeState.Expired)]
    internal void What_a_recipient_cannot_say_is_ignored(OutcomeState state)
    {
        ConnectionNo bob = Delivered(out Message message);
        bench.Do(Says(bob, message, state));
        Assert.Empty(bench.Writes.OfType<RecordOutcome>());
    }

    [Fact]
    public void Only_a_reader_of_the_mailbox_says_what_became_of_a_message_in_it()
    {
        Delivered(out Message message);
        ConnectionNo carol = bench.Join(bench.Device(Carol));
        bench.Do(Says(carol, message, OutcomeState.Read));
        Assert.Empty(bench.Writes.OfType<RecordOutcome>());
    }

    [Fact]
    public void A_failed_commit_loses_no_signed_state()
    {
        ConnectionNo bob = Delivered(out Message message);
        bench.HoldsCommits = true;
        bench.Do(Says(bob, message, OutcomeState.Read));
        bench.FailHeld();
        bench.CommitHeld();

        Assert.Equal(OutcomeState.Read, bench.Log.Outcomes[(message.Id, BoxOf(Bob))].State);
        Assert.Single(bench.Notices, notice => notice.Signed is not null);
    }

    [Fact]
    public void An_expired_message_is_told_to_its_sender_and_leaves_room()
    {
        Workbench small = new(new DeliveryBounds { WaitingMax = 1, Retention = TimeSpan.FromDays(1) });
        small.Join(small.Device(Alice, receipts: true));
        small.Do(small.Message(Alice, To(Bob)));
        small.Wait(TimeSpan.FromDays(1));
        small.Do(new Expired(BoxOf(Bob), small.Log.Expire(BoxOf(Bob), small.Now)));
        small.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(1, 0, 0, 0, 0, 1), Assert.Single(small.Notices).Tally);

        small.Do(small.Message(Alice, To(Bob)));
        Assert.IsType<SubmitResult.Accepted>(small.Answers.Last());
    }

    [Fact]
    public void What_waits_for_a_closed_session_moves_to_its_member_under_a_new_position()
    {
        MailboxNo session = new(201);
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, new Address.Direct(session, Bob)));
        bench.Do(new Refile(session, BoxOf(Bob), bench.Log.Waiting(session)));

        Push push = Assert.Single(bench.Pushes);
        Assert.Equal((1L, 2L, BoxOf(Bob)), (push.Message.Id.Position, push.Entry.Position, push.Entry.Mailbox));
        Assert.False(bench.Log.Holds(session, Lane.Next, 1));
    }

    [Fact]
    public void Nothing_moves_while_the_session_is_read()
    {
        MailboxNo session = new(201);
        bench.Do(bench.Message(Alice, new Address.Direct(session, Bob)));
        ImmutableArray<Stored> waiting = bench.Log.Waiting(session);
        bench.Join(bench.Session(Bob, session));
        bench.Do(new Refile(session, BoxOf(Bob), waiting));
        Assert.Empty(bench.Writes.OfType<MoveEntry>());
    }

    [Fact]
    public void Who_reads_a_broadcast_after_being_let_in_again_counts_as_a_recipient_and_not_as_one_too_many()
    {
        bench.Change(directory => directory with { Removed = new[] { Carol }.ToFrozenSet(), Members = [Addressee(Alice), Addressee(Bob)] });
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Do(bench.Message(Alice, new Address.Everyone(Everyone)));
        bench.Change(directory => directory with { Removed = FrozenSet<MemberNo>.Empty, Members = [Addressee(Alice), Addressee(Bob), Addressee(Carol)] });
        bench.Join(bench.Device(Carol));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(2, 1, 0, 0, 0, 0), Assert.Single(bench.Notices).Tally);

        bench.Join(bench.Device(Bob));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(2, 2, 0, 0, 0, 0), bench.Notices.Last().Tally);
    }

    [Fact]
    public void What_was_said_ahead_of_its_delivery_is_not_taken_back_when_the_broker_has_started_again()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.Do(Says(bob, bench.Pushes.Single().Message, OutcomeState.Refused));
        bench.Crash();
        bench.Forget();

        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(1, 0, 0, 0, 1, 0), Assert.Single(bench.Notices).Tally);
    }

    [Fact]
    public void A_session_that_comes_back_says_nothing_more_of_what_has_moved_to_its_member()
    {
        MailboxNo session = new(201);
        bench.Join(bench.Device(Alice, receipts: true));
        ConnectionNo before = bench.Join(bench.Session(Bob, session));
        bench.Do(bench.Message(Alice, new Address.Direct(session, Bob)));
        Message message = bench.Pushes.Single().Message;
        bench.Do(new Detach(before));
        bench.Do(new Refile(session, BoxOf(Bob), bench.Log.Movable(session)));

        ConnectionNo back = bench.Join(bench.Session(Bob, session));
        bench.Do(new Progress(back, session, message, new Outcome(OutcomeState.Read, bench.Now, Reason: null, Proof: [1])));
        bench.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(1, 0, 0, 0, 0, 0), bench.Notices.Last().Tally);

        bench.Join(bench.Device(Bob));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(1, 1, 0, 0, 0, 0), bench.Notices.Last().Tally);
    }

    [Fact]
    public void A_copy_that_moved_to_its_member_counts_for_the_session_it_was_sent_to()
    {
        MailboxNo session = new(201);
        GroupOf(bench, Addressee(Carol), new Addressee(session, Bob));
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Carol));
        bench.Do(bench.Message(Alice, new Address.Group("g")));
        bench.AcknowledgeAll();
        bench.Do(new Refile(session, BoxOf(Bob), bench.Log.Movable(session)));
        bench.Join(bench.Device(Bob));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));

        Assert.Equal(new Tally(2, 2, 0, 0, 0, 0), bench.Notices.Last().Tally);
    }

    [Fact]
    public void What_expires_while_its_sender_is_away_is_counted_when_it_is_back()
    {
        Workbench brief = new(new DeliveryBounds { Retention = TimeSpan.FromMinutes(1) });
        GroupOf(brief, Addressee(Bob), Addressee(Carol));
        ConnectionNo alice = brief.Join(brief.Device(Alice, receipts: true));
        brief.Do(brief.Message(Alice, new Address.Group("g")));
        brief.Wait(TimeSpan.FromMinutes(1));
        brief.Do(
            new Expired(BoxOf(Bob), brief.Log.Expire(BoxOf(Bob), brief.Now)),
            new Detach(alice),
            new Expired(BoxOf(Carol), brief.Log.Expire(BoxOf(Carol), brief.Now)));

        brief.Join(brief.Device(Alice, receipts: true));
        brief.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Tally(2, 0, 0, 0, 0, 2), Assert.Single(brief.Notices).Tally);
    }

    [Fact]
    public void What_was_still_to_be_told_when_a_copy_moved_is_told_as_it_is_by_then()
    {
        MailboxNo session = new(201);
        GroupOf(bench, Addressee(Bob), new Addressee(session, Carol));
        bench.Join(bench.Device(Alice, receipts: true));
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, new Address.Group("g")));
        bench.AcknowledgeAll();
        bench.Do(new Refile(session, BoxOf(Carol), bench.Log.Movable(session)));
        bench.Do(Says(bob, bench.Pushes.First().Message, OutcomeState.Refused));
        bench.Wait(TimeSpan.FromMilliseconds(100));

        Assert.All(bench.Notices, notice => Assert.Equal(new Tally(2, 0, 0, 0, 1, 0), notice.Tally));
        Assert.Contains(bench.Notices, notice => notice.Signed is not null);
    }

    [Fact]
    public void A_delivery_that_was_told_before_the_store_had_it_is_not_taken_back()
    {
        GroupOf(bench, Addressee(Bob), Addressee(Carol));
        bench.Join(bench.Device(Alice, receipts: true));
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Join(bench.Device(Carol));
        bench.Do(bench.Message(Alice, new Address.Group("g")));
        Push[] pushes = [.. bench.Pushes];
        bench.Acknowledge(pushes[0]);
        bench.Wait(TimeSpan.FromMilliseconds(100));
        bench.Wait(TimeSpan.FromMilliseconds(100));
        bench.Do(
            new Acknowledge(pushes[1].Connection, pushes[1].Message.Id, null, pushes[1].Reader),
            new Tick(bench.Now),
            Says(bob, pushes[0].Message, OutcomeState.Surfaced));

        Assert.Equal(
            [new Tally(2, 1, 0, 0, 0, 0), new Tally(2, 2, 0, 0, 0, 0), new Tally(2, 2, 1, 0, 0, 0)], bench.Notices.Select(notice => notice.Tally));
    }

    private static void GroupOf(Workbench bench, params ImmutableArray<Addressee> members) => bench.Change(directory => directory with
    {
        Groups = new Dictionary<string, ImmutableArray<Addressee>>(StringComparer.Ordinal) { ["g"] = members }.ToFrozenDictionary(StringComparer.Ordinal),
    });

    private ConnectionNo Delivered(out Message message)
    {
        bench.Join(bench.Device(Alice, receipts: true));
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.AcknowledgeAll();
        message = bench.Pushes.Single().Message;
        bench.Forget();
        return bob;
    }

    private Progress Says(ConnectionNo connection, Message message, OutcomeState state) =>
        new(connection, BoxOf(Bob), message, new Outcome(state, bench.Now, Reason: null, Proof: [1]));
}
