using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class ReaderTests
{
    private readonly Workbench bench = new();

    [Fact]
    public void Both_devices_of_a_member_get_a_message_and_its_sender_hears_of_it_once()
    {
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob, device: 1));
        bench.Join(bench.Device(Bob, device: 2));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.AcknowledgeAll();

        Assert.Equal([new ReaderNo(121), new ReaderNo(122)], bench.Pushes.Select(push => push.Reader));
        Assert.Equal(new Tally(1, 1, 0, 0, 0, 0), Assert.Single(bench.Notices).Tally);
    }

    [Fact]
    public void A_device_that_comes_again_takes_the_place_of_its_older_connection()
    {
        ConnectionNo first = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        ConnectionNo second = bench.Join(bench.Device(Bob));

        Assert.Equal(new Cut(first, CloseReason.Replaced), Assert.Single(bench.Effects.OfType<Cut>()));
        Assert.Equal([first, second], bench.Pushes.Select(push => push.Connection));
    }

    [Fact]
    public void The_shared_1x_reader_belongs_to_the_newest_connection_and_falls_back_to_the_older()
    {
        ConnectionNo first = bench.Join(bench.Device(Bob, kind: ReaderKind.Legacy));
        ConnectionNo second = bench.Join(bench.Device(Bob, kind: ReaderKind.Legacy));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.Do(new Detach(second));

        Assert.Equal([second, first], bench.Pushes.Select(push => push.Connection));
    }

    [Fact]
    public void Who_only_peeks_gets_everything_once_and_nothing_counts_as_delivered()
    {
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.Join(bench.Device(Bob, device: 9, kind: ReaderKind.Peek));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.AcknowledgeAll();

        Assert.Equal([1L, 2L], bench.Pushes.Select(push => push.Entry.Position));
        Assert.Empty(bench.Writes.OfType<MoveCursor>());
        Assert.Empty(bench.Notices);
    }

    [Fact]
    public void An_acknowledgement_of_what_was_not_pushed_is_ignored_and_counted()
    {
        ConnectionNo carol = bench.Join(bench.Device(Carol));
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        MessageRef bobs = bench.Pushes.Single().Message.Id;
        bench.Do(new Acknowledge(carol, bobs, null), new Acknowledge(carol, null, Bytes("k")));

        Assert.Equal(2, bench.Core.Figures.Ignored);
        Assert.Empty(bench.Writes.OfType<MoveCursor>());
    }

    [Fact]
    public void A_message_can_be_acknowledged_by_its_senders_name_for_it()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob), key: "k"));
        bench.Do(new Acknowledge(bob, null, Bytes("k")));
        Assert.Equal(1, Assert.Single(bench.Writes.OfType<MoveCursor>()).Through);
    }

    [Fact]
    public void One_cursor_move_is_written_for_all_that_was_acknowledged_in_a_step()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do([.. Enumerable.Range(0, 50).Select(_ => bench.Message(Alice, To(Bob)))]);
        bench.Do([.. bench.Pushes.Select(push => new Acknowledge(bob, push.Message.Id, null))]);
        Assert.Equal(50, Assert.Single(bench.Writes.OfType<MoveCursor>()).Through);
    }

    [Fact]
    public void Each_push_says_which_came_before_it()
    {
        bench.Join(bench.Device(Carol));
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Alice, To(Carol)), bench.Message(Alice, To(Bob)));
        Assert.Equal([(1L, 0L), (2L, 0L), (3L, 1L)], bench.Pushes.Select(push => (push.Entry.Position, push.Previous)));
    }

    [Fact]
    public void No_more_is_in_flight_than_may_be_and_acknowledging_goes_on()
    {
        bench.Join(bench.Device(Bob));
        bench.Do([.. Enumerable.Range(0, 300).Select(_ => bench.Message(Alice, To(Bob)))]);
        Assert.Equal(256, bench.Pushes.Count());

        foreach (Push push in bench.Pushes.Take(128).ToList())
            bench.Acknowledge(push);
        Assert.Equal(300, bench.Pushes.Count());
    }

    [Fact]
    public void No_more_bytes_are_in_flight_than_may_be()
    {
        bench.Join(bench.Device(Bob));
        bench.Do([.. Enumerable.Range(0, 30).Select(_ => bench.Message(Alice, To(Bob), size: 60_000))]);
        Assert.Equal(17, bench.Pushes.Count());
        bench.AcknowledgeAll();
        Assert.Equal(30, bench.Pushes.Count());
    }

    [Fact]
    public void A_crowded_connection_gets_nothing_until_it_has_room()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(new Crowded(bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        Assert.Empty(bench.Pushes);

        bench.Do(new Room(bob));
        Assert.Single(bench.Pushes);
    }

    [Fact]
    public void A_page_that_is_older_than_the_newest_entry_does_not_make_a_reader_live()
    {
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.HoldsPages = true;
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        Assert.Empty(bench.Pushes);

        bench.AnswerPages();
        Assert.Equal([1L, 2L], bench.Pushes.Select(push => push.Entry.Position));
    }

    [Fact]
    public void A_page_for_a_connection_that_is_gone_is_dropped()
    {
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.HoldsPages = true;
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(new Detach(bob));
        bench.AnswerPages();
        Assert.Empty(bench.Pushes);
        Assert.Equal(0, bench.Core.Figures.Pages);
    }

    [Fact]
    public void What_a_reader_says_it_has_is_not_pushed_and_counts_as_delivered()
    {
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Alice, To(Bob)));
        bench.Join(bench.Device(Bob, resume: [new CursorAt(BoxOf(Bob), Lane.Next, 1)]));

        Assert.Equal(2, Assert.Single(bench.Pushes).Entry.Position);
        Assert.Equal(1, Assert.Single(bench.Notices).Message.Position);
    }

    [Fact]
    public void A_cursor_beyond_what_was_ever_given_out_is_not_believed()
    {
        bench.Log.SetCursor(new ReaderNo(120), BoxOf(Bob), Lane.Next, 1_000);
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        Assert.Single(bench.Pushes);
    }

    [Fact]
    public void Facts_of_mailboxes_that_nobody_touches_are_dropped()
    {
        ConnectionNo bob = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.AcknowledgeAll();
        bench.Do(new Detach(bob));
        bench.Wait(TimeSpan.FromMinutes(5));
        Assert.Equal(0, bench.Core.Figures.Mailboxes);
        Assert.Null(bench.Core.WakeIn);
    }
}
