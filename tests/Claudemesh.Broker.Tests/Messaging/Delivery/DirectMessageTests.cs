using Claudemesh.Broker.Messaging.Delivery;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class DirectMessageTests
{
    private readonly Workbench bench = new();

    [Fact]
    public void A_message_is_answered_and_pushed_only_after_its_commit()
    {
        bench.Join(bench.Device(Bob));
        bench.HoldsCommits = true;

        bench.Do(bench.Message(Alice, To(Bob)));
        Assert.Empty(bench.Answers);
        Assert.Empty(bench.Pushes);

        bench.CommitHeld();
        Assert.IsType<SubmitResult.Accepted>(Assert.Single(bench.Answers));
        Assert.Equal(1, Assert.Single(bench.Pushes).Entry.Position);
    }

    [Fact]
    public void What_was_sent_while_the_recipient_was_away_is_pushed_in_order_when_it_comes()
    {
        for (int i = 0; i < 600; i++)
            bench.Do(bench.Message(Alice, To(Bob)));

        bench.Join(bench.Device(Bob));
        for (int i = 0; i < 600; i++)
            bench.Acknowledge(bench.Pushes.ElementAt(i));

        Assert.Equal(Enumerable.Range(1, 600).Select(i => (long)i), bench.Pushes.Select(push => push.Entry.Position));
        Assert.Equal(600, bench.Log.CursorsOf(new ReaderNo(120))[(int)Lane.Next].Through);
    }

    [Fact]
    public void What_a_lost_connection_had_not_acknowledged_goes_to_the_next_one_at_once()
    {
        ConnectionNo first = bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Alice, To(Bob)));
        bench.Acknowledge(bench.Pushes.First());
        bench.Forget();

        bench.Do(new Detach(first));
        ConnectionNo second = bench.Join(bench.Device(Bob));

        Push again = Assert.Single(bench.Pushes);
        Assert.Equal((second, 2L, false), (again.Connection, again.Entry.Position, again.Again));
    }

    [Fact]
    public void The_cursor_stops_at_the_first_entry_that_is_not_acknowledged()
    {
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Alice, To(Bob)), bench.Message(Alice, To(Bob)));
        Push[] pushes = [.. bench.Pushes];

        bench.Acknowledge(pushes[1]);
        bench.Acknowledge(pushes[2]);
        Assert.DoesNotContain(bench.Writes, write => write is MoveCursor);

        bench.Acknowledge(pushes[0]);
        Assert.Equal(3, Assert.Single(bench.Writes.OfType<MoveCursor>()).Through);
    }
}
