using System.Collections.Frozen;
using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class RecipientTests
{
    private static readonly MailboxNo Session = new(201);

    private readonly Workbench bench = new();

    [Fact]
    public void A_group_reaches_everyone_in_it_once_but_not_the_sender()
    {
        Group("a", Alice, Carol, Bob, Carol);
        Group("a/b", Bob);
        bench.Do(bench.Message(Alice, new Address.Group("a")));

        Assert.Equal([BoxOf(Carol), BoxOf(Bob)], Assert.Single(bench.Writes.OfType<Append>()).Entries.Select(entry => entry.Mailbox));
        Assert.Equal(2, Accepted().Recipients);
    }

    [Fact]
    public void An_empty_group_is_accepted_for_nobody()
    {
        bench.Do(bench.Message(Alice, new Address.Group("nobody"), key: "k"));
        bench.Do(bench.Message(Alice, new Address.Group("nobody"), key: "k"));
        Assert.Equal(0, Accepted().Recipients);
        Assert.Single(bench.Log.Messages);
    }

    [Fact]
    public void A_tag_reaches_who_carries_it()
    {
        bench.Change(directory => directory with
        {
            Tags = new Dictionary<string, ImmutableArray<Addressee>>(StringComparer.Ordinal)
            {
                ["repo:x"] = [Addressee(Bob), new Addressee(Session, Carol)],
            }.ToFrozenDictionary(StringComparer.Ordinal),
        });
        bench.Do(bench.Message(Alice, new Address.Tag("repo:x")));
        Assert.Equal([BoxOf(Bob), Session], Assert.Single(bench.Writes.OfType<Append>()).Entries.Select(entry => entry.Mailbox));
    }

    [Fact]
    public void Too_large_a_group_is_refused()
    {
        Workbench small = new(new DeliveryBounds { RecipientsMax = 1 });
        small.Change(_ => bench.Directory with { Groups = Groups(("a", [Bob, Carol])) });
        small.Do(small.Message(Alice, new Address.Group("a")));
        Assert.Equal("too_many_recipients", Assert.IsType<SubmitResult.Refused>(Assert.Single(small.Answers)).Error.Code);
    }

    [Fact]
    public void Who_is_blocked_is_told_so()
    {
        bench.Change(directory => directory with { DirectDenied = new[] { (Bob, Alice) }.ToFrozenSet() });
        bench.Do(bench.Message(Alice, To(Bob)));
        Assert.StartsWith("blocked by recipient grants", Refused().Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broadcast_does_not_reach_who_blocks_it_and_its_sender_is_told()
    {
        bench.Change(directory => directory with { BroadcastDenied = new[] { (Bob, Alice) }.ToFrozenSet() });
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob));
        bench.Join(bench.Device(Carol));
        bench.Do(bench.Message(Alice, new Address.Everyone(Everyone)));
        bench.AcknowledgeAll();
        bench.Wait(TimeSpan.FromMilliseconds(100));

        Assert.Equal([new ReaderNo(130)], bench.Pushes.Select(push => push.Reader));
        Assert.Equal(new Tally(2, 1, 0, 0, 1, 0), bench.Notices.Last().Tally);
    }

    [Fact]
    public void A_removed_member_writes_nothing_is_written_nothing_and_reads_nothing()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Change(directory => directory with { Removed = new[] { Bob }.ToFrozenSet() });
        Assert.Equal(new Cut(bob, CloseReason.Removed), Assert.Single(bench.Effects.OfType<Cut>()));

        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Bob, To(Alice)));
        Assert.Equal(
            ["recipient_removed", "sender_removed"],
            bench.Answers.Cast<SubmitResult.Refused>().Select(refused => refused.Error.Code));
        Assert.Empty(bench.Pushes);
    }

    [Fact]
    public void A_session_cannot_write_to_itself()
    {
        bench.Do(bench.Message(Alice, new Address.Direct(Session, Alice), session: Session));
        Assert.Equal("own_session", Refused().Error.Code);
    }

    [Fact]
    public void A_message_to_ones_own_member_reaches_ones_devices_and_a_broadcast_does_not()
    {
        bench.Join(bench.Device(Alice));
        bench.Do(bench.Message(Alice, To(Alice)));
        bench.Do(bench.Message(Alice, new Address.Everyone(Everyone)));
        bench.AcknowledgeAll();

        Assert.Single(bench.Pushes);
        Assert.Equal(2, bench.Log.CursorsOf(new ReaderNo(110))[(int)Lane.Next].Through);
    }

    [Fact]
    public void A_full_mailbox_refuses_until_it_is_read()
    {
        Workbench small = new(new DeliveryBounds { WaitingMax = 2 });
        small.Do(small.Message(Alice, To(Bob)), small.Message(Carol, To(Bob)), small.Message(Alice, To(Bob)));
        SubmitResult.Refused full = small.Answers.OfType<SubmitResult.Refused>().Single();
        Assert.True(full.Error.Retryable);
        Assert.Equal("mailbox_full", full.Error.Code);

        small.Join(small.Device(Bob));
        small.AcknowledgeAll();
        small.Do(small.Message(Alice, To(Bob)));
        Assert.IsType<SubmitResult.Accepted>(small.Answers.Last());
    }

    [Fact]
    public void One_sender_cannot_fill_a_mailbox_for_the_others()
    {
        Workbench small = new(new DeliveryBounds { WaitingPerSenderMax = 2 });
        for (int i = 0; i < 3; i++)
            small.Do(small.Message(Alice, To(Bob)));
        Assert.IsType<SubmitResult.Refused>(small.Answers.Last());

        small.Do(small.Message(Carol, To(Bob)));
        Assert.IsType<SubmitResult.Accepted>(small.Answers.Last());
    }

    [Fact]
    public void The_bounds_hold_for_what_waited_before_a_restart()
    {
        Workbench small = new(new DeliveryBounds { WaitingBytesMax = 25 });
        small.Do(small.Message(Alice, To(Bob)), small.Message(Alice, To(Bob)));
        small.Crash();
        small.Do(small.Message(Alice, To(Bob)));
        Assert.IsType<SubmitResult.Refused>(small.Answers.Last());
    }

    [Fact]
    public void A_group_with_a_full_mailbox_in_it_reaches_the_others()
    {
        Workbench small = new(new DeliveryBounds { WaitingMax = 1 });
        small.Change(directory => directory with { Groups = Groups(("a", [Bob, Carol])) });
        small.Join(small.Device(Alice, receipts: true));
        small.Do(small.Message(Alice, To(Bob)));
        small.Do(small.Message(Alice, new Address.Group("a")));
        small.Wait(TimeSpan.FromMilliseconds(100));

        Assert.Equal(2, Assert.IsType<SubmitResult.Accepted>(small.Answers.Last()).Recipients);
        Assert.Equal("mailbox_full", Assert.Single(small.Writes.OfType<RecordOutcome>()).Outcome.Reason);
        Assert.Equal(new Tally(2, 0, 0, 0, 1, 0), Assert.Single(small.Notices).Tally);
    }

    private static FrozenDictionary<string, ImmutableArray<Addressee>> Groups(params (string Name, MemberNo[] Members)[] groups) =>
        groups.ToFrozenDictionary(
            group => group.Name, group => group.Members.Select(Addressee).ToImmutableArray(), StringComparer.Ordinal);

    private void Group(string name, params MemberNo[] members) =>
        bench.Change(directory => directory with
        {
            Groups = directory.Groups.Append(new(name, [.. members.Select(Addressee)])).ToFrozenDictionary(StringComparer.Ordinal),
        });

    private SubmitResult.Accepted Accepted() => Assert.IsType<SubmitResult.Accepted>(bench.Answers.Last());

    private SubmitResult.Refused Refused() => Assert.IsType<SubmitResult.Refused>(bench.Answers.Last());
}
