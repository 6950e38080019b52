using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class SubmissionTests
{
    private readonly Workbench bench = new();

    [Fact]
    public void The_same_submission_again_gets_the_same_message()
    {
        bench.Do(bench.Message(Alice, To(Bob), key: "k", fingerprint: "f"));
        bench.Do(bench.Message(Alice, To(Bob), key: "k", fingerprint: "f"));

        SubmitResult.Accepted[] answers = [.. bench.Answers.Cast<SubmitResult.Accepted>()];
        Assert.Equal([false, true], answers.Select(answer => answer.Again));
        Assert.Equal(answers[0].Message, answers[1].Message);
        Assert.Single(bench.Writes.OfType<Append>());
    }

    [Fact]
    public void A_repeat_of_what_is_not_committed_waits_for_the_same_commit()
    {
        bench.HoldsCommits = true;
        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        Assert.Empty(bench.Answers);

        bench.CommitHeld();
        Assert.Equal([false, true], bench.Answers.Cast<SubmitResult.Accepted>().Select(answer => answer.Again));
        Assert.Single(bench.Log.Messages);
    }

    [Fact]
    public void A_repeat_is_known_after_a_crash()
    {
        bench.Do(bench.Message(Alice, To(Bob), key: "k", fingerprint: "f"));
        bench.Crash();
        bench.Do(bench.Message(Alice, To(Bob), key: "k", fingerprint: "f"));

        Assert.True(Assert.IsType<SubmitResult.Accepted>(bench.Answers.Last()).Again);
        Assert.Single(bench.Log.Messages);
    }

    [Theory]
    [InlineData("f", "g")]
    [InlineData(null, "g")]
    [InlineData("f", null)]
    public void Another_text_under_the_same_name_is_refused_for_good(string? first, string? second)
    {
        bench.Do(bench.Message(Alice, To(Bob), key: "k", fingerprint: first));
        bench.Do(bench.Message(Alice, To(Bob), key: "k", fingerprint: second));

        SubmitResult.Refused refused = Assert.IsType<SubmitResult.Refused>(bench.Answers.Last());
        Assert.Contains("invalid", refused.Error.Message, StringComparison.Ordinal);
        Assert.False(refused.Error.Retryable);
    }

    [Fact]
    public void The_same_name_of_another_sender_is_another_message()
    {
        bench.Do(bench.Message(Alice, To(Carol), key: "k"), bench.Message(Bob, To(Carol), key: "k"));
        Assert.Equal(2, bench.Log.Messages.Count);
    }

    [Fact]
    public void Submissions_wait_for_the_facts_of_their_mailbox_in_order()
    {
        bench.HoldsFacts = true;
        bench.Do(bench.Message(Alice, To(Bob), key: "1"));
        bench.Do(bench.Message(Alice, To(Bob), key: "2"));
        Assert.Empty(bench.Answers);

        bench.AnswerFacts();
        Assert.Equal(["1", "2"], bench.Log.Messages.Values.Select(message => System.Text.Encoding.UTF8.GetString(message.Key!.Id)));
    }

    [Fact]
    public void A_failed_commit_is_told_as_retryable_and_its_position_is_not_used_again()
    {
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.HoldsCommits = true;
        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        bench.FailHeld();
        Assert.True(Assert.IsType<SubmitResult.Refused>(bench.Answers.Last()).Error.Retryable);

        bench.HoldsCommits = false;
        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        Assert.Equal(3, Assert.IsType<SubmitResult.Accepted>(bench.Answers.Last()).Message.Position);
    }

    [Fact]
    public void A_commit_that_failed_and_happened_is_delivered_once_and_acknowledged_to_who_asks_again()
    {
        bench.Join(bench.Device(Bob));
        bench.HoldsCommits = true;
        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        bench.Log.Apply(bench.Uncommitted[0]);
        bench.FailHeld();
        Assert.Equal(1, Assert.Single(bench.Pushes).Entry.Position);

        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        Assert.True(Assert.IsType<SubmitResult.Accepted>(bench.Answers.Last()).Again);
        Assert.Single(bench.Pushes);
    }

    [Fact]
    public void A_message_that_was_counted_off_twice_keeps_no_room_from_those_that_follow()
    {
        Workbench small = new(new DeliveryBounds { WaitingBytesMax = 1_000 });
        small.HoldsCommits = true;
        small.Do(small.Message(Alice, To(Bob), size: 10));
        small.Log.Apply(small.Uncommitted[0]);
        small.FailHeld();
        small.HoldsCommits = false;
        small.Do(small.Message(Alice, To(Bob), size: 900));
        small.Join(small.Device(Bob));
        small.AcknowledgeAll();
        Assert.Equal(2, small.Pushes.Count());

        small.Do(small.Message(Alice, To(Bob), size: 900));
        Assert.IsType<SubmitResult.Accepted>(small.Answers.Last());
    }

    [Fact]
    public void A_fenced_core_refuses_everything_and_lets_its_connections_go()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.HoldsCommits = true;
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.FailHeld(Failure.Fenced);
        bench.Do(bench.Message(Alice, To(Bob)));

        Assert.True(bench.Core.IsClosed);
        Assert.All(bench.Answers, answer => Assert.True(Assert.IsType<SubmitResult.Refused>(answer).Error.Retryable));
        Assert.Equal(new Cut(bob, CloseReason.Fenced), Assert.Single(bench.Effects.OfType<Cut>()));
    }

    [Fact]
    public void The_same_inputs_give_the_same_steps()
    {
        Workbench other = new();
        foreach (Workbench one in new[] { bench, other })
        {
            one.Join(one.Device(Bob, receipts: true));
            one.Do(one.Message(Alice, To(Bob), key: "k"), one.Message(Carol, new Address.Everyone(Everyone)));
            one.AcknowledgeAll();
        }

        Assert.Equal(bench.Effects.Select(effect => effect.GetType()), other.Effects.Select(effect => effect.GetType()));
        Assert.Equal(bench.Pushes.Select(push => push.Entry), other.Pushes.Select(push => push.Entry));
        Assert.Equal(bench.Writes.OfType<MoveCursor>(), other.Writes.OfType<MoveCursor>());
    }

    [Fact]
    public void More_held_bytes_than_may_be_are_said_and_lost_by_nobody()
    {
        Workbench small = new(new DeliveryBounds { HeldBytesMax = 100 }) { HoldsCommits = true };
        small.Join(small.Device(Bob));
        for (int i = 0; i < 12; i++)
            small.Do(small.Message(Alice, To(Bob)));
        Assert.True(small.Core.IsFull);

        while (small.Uncommitted.Count > 0)
            small.CommitHeld();
        Assert.False(small.Core.IsFull);
        Assert.Equal(12, small.Pushes.Count());
    }

    [Fact]
    public void What_was_sent_behind_a_refusal_for_now_is_refused_alike_until_one_of_them_comes_again()
    {
        Workbench small = new(new DeliveryBounds { WaitingPerSenderMax = 1 });
        ConnectionNo bob = small.Join(small.Device(Bob));
        ConnectionNo alice = small.NewConnection();
        small.Do(small.Message(Alice, To(Bob), key: "1", connection: alice, resends: true));
        small.Do(small.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        small.AcknowledgeAll();

        // There is room now, but 2 was written before 3.
        small.Do(small.Message(Alice, To(Bob), key: "3", connection: alice, resends: true));
        Assert.Equal(MeshError.MailboxFull, Assert.IsType<SubmitResult.Refused>(small.Answers.Last()).Error);

        // Another lane, another recipient and a client that promises nothing are not held back.
        small.Do(small.Message(Alice, To(Bob), Lane.Now, key: "4", connection: alice, resends: true));
        small.AcknowledgeAll();
        small.Do(small.Message(Alice, To(Carol), key: "5", connection: alice, resends: true));
        small.Do(small.Message(Alice, To(Bob), key: "6"));
        small.AcknowledgeAll();

        small.Do(small.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        small.AcknowledgeAll();
        small.Do(small.Message(Alice, To(Bob), key: "3", connection: alice, resends: true));
        Assert.Equal(["1", "4", "5", "6", "2", "3"], Keys(small));

        small.Do(new Detach(alice), new Detach(bob));
        Assert.Equal(0, small.Core.Figures.Senders);
    }

    [Fact]
    public void Whoever_gives_up_what_was_refused_comes_through_the_second_time_with_the_next()
    {
        Workbench small = new(new DeliveryBounds { WaitingPerSenderMax = 1 });
        small.Join(small.Device(Bob));
        ConnectionNo alice = small.NewConnection();
        small.Do(small.Message(Alice, To(Bob), key: "1", connection: alice, resends: true));
        small.Do(small.Message(Alice, To(Bob), key: "given up", connection: alice, resends: true));
        small.AcknowledgeAll();

        small.Do(small.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        Assert.IsType<SubmitResult.Refused>(small.Answers.Last());
        small.Do(small.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        Assert.Equal(["1", "2"], Keys(small));
    }

    [Fact]
    public void What_the_shell_turned_away_holds_back_everything_of_its_connection_each_time()
    {
        ConnectionNo alice = bench.NewConnection();
        Submit Again(string key, MemberNo to) => bench.Message(Alice, To(to), key: key, connection: alice, resends: true);
        TurnAway Away(string key) => new(Again(key, Bob).Origin, Again(key, Bob).Key, MeshError.RateLimit);

        bench.Do(Away("1"), Again("2", Bob), Again("3", Carol));
        Assert.Equal(["rate_limit", "rate_limit", "rate_limit"], bench.Answers.Select(CodeOf));

        // Turned away a second time: that 2 comes again shows nothing of that.
        bench.Do(Away("1"), Again("2", Bob));
        Assert.Equal("rate_limit", CodeOf(bench.Answers.Last()));

        bench.Do(Again("1", Bob), Again("2", Bob), Again("3", Carol));
        Assert.Equal(["1", "2", "3"], Keys(bench));
    }

    [Fact]
    public void What_the_shell_turned_away_on_one_line_holds_back_that_line_alone()
    {
        ConnectionNo alice = bench.NewConnection();
        Submit Again(string key, MemberNo to) => bench.Message(Alice, To(to), key: key, connection: alice, resends: true);
        Submit first = Again("1", Bob);

        bench.Do(new TurnAway(first.Origin, first.Key, MeshError.StaleEpoch, (first.To, first.Lane)), Again("2", Bob), Again("3", Carol));
        Assert.Equal(["stale_epoch", "stale_epoch"], bench.Answers.OfType<SubmitResult.Refused>().Select(CodeOf));

        bench.Do(Again("1", Bob), Again("2", Bob));
        Assert.Equal(["3", "1", "2"], Keys(bench));
    }

    [Fact]
    public void After_a_failed_commit_the_older_message_comes_first()
    {
        ConnectionNo alice = bench.NewConnection();
        bench.HoldsCommits = true;
        bench.Do(bench.Message(Alice, To(Bob), key: "1", connection: alice, resends: true));
        bench.Do(new CommitFailed(bench.Uncommitted[0].No, Failure.Disk), bench.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        Assert.Equal(["unavailable", "unavailable"], bench.Answers.Select(CodeOf));

        bench.HoldsCommits = false;
        bench.Do(bench.Message(Alice, To(Bob), key: "1", connection: alice, resends: true));
        bench.Do(bench.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        Assert.Equal(["1", "2"], Keys(bench));
    }

    [Fact]
    public void A_younger_message_that_was_refused_before_the_commit_of_an_older_one_failed_does_not_come_first()
    {
        Workbench small = new(new DeliveryBounds { WaitingPerSenderMax = 1 });
        ConnectionNo alice = small.NewConnection();
        small.HoldsCommits = true;
        small.Do(small.Message(Alice, To(Bob), key: "1", connection: alice, resends: true));
        small.Do(small.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        Assert.Equal("mailbox_full", CodeOf(small.Answers.Last()));
        small.FailHeld();

        // Alice has heard of the second's refusal only.
        small.HoldsCommits = false;
        small.Do(small.Message(Alice, To(Bob), key: "2", connection: alice, resends: true));
        Assert.NotNull(CodeOf(small.Answers.Last()));
        small.Do(small.Message(Alice, To(Bob), key: "1", connection: alice, resends: true));
        Assert.Equal(["1"], Keys(small));
    }

    [Fact]
    public void What_waited_for_its_mailbox_while_its_connection_went_comes_again_over_the_next()
    {
        // What had been refused before it, over the old connection, is not known any more.
        bench.HoldsFacts = true;
        ConnectionNo old = bench.NewConnection();
        bench.Do(bench.Message(Alice, To(Bob), key: "2", connection: old, resends: true));
        bench.Do(new Detach(old));
        bench.AnswerFacts();
        Assert.Equal("unavailable", CodeOf(Assert.Single(bench.Answers)));

        ConnectionNo next = bench.NewConnection();
        bench.Do(bench.Message(Alice, To(Bob), key: "1", connection: next, resends: true), bench.Message(Alice, To(Bob), key: "2", connection: next, resends: true));
        Assert.Equal(["1", "2"], Keys(bench));
    }

    [Fact]
    public void A_younger_message_that_was_refused_as_a_repeat_does_not_come_first()
    {
        ConnectionNo lost = bench.NewConnection();
        ConnectionNo alice = bench.NewConnection();
        Submit Send(string key, ConnectionNo over) => bench.Message(Alice, To(Bob), key: key, connection: over, resends: true);
        bench.HoldsCommits = true;
        bench.Do(Send("1", alice));
        bench.FailHeld();

        // The second had got through over a connection that was lost meanwhile.
        bench.Do(Send("2", lost));
        bench.Do(Send("2", alice));
        bench.FailHeld();

        bench.HoldsCommits = false;
        bench.Do(Send("1", alice), Send("2", alice));
        bench.Do(Send("1", alice), Send("2", alice));
        Assert.Equal(["1", "2"], Keys(bench));
    }

    private static string[] Keys(Workbench of) => [.. of.Log.Messages.Values.Select(message => System.Text.Encoding.UTF8.GetString(message.Key!.Id))];

    private static string? CodeOf(SubmitResult result) => (result as SubmitResult.Refused)?.Error.Code;
}
