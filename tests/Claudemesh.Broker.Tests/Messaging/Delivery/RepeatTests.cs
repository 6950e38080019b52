using Claudemesh.Broker.Messaging.Delivery;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class RepeatTests
{
    private readonly Workbench bench = new();

    public RepeatTests()
    {
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob));
        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Alice, To(Bob)));
        bench.Acknowledge(bench.Pushes.Last());
        bench.Forget();
    }

    [Fact]
    public void What_is_not_acknowledged_is_pushed_again_after_30_seconds_then_1_2_and_5_minutes()
    {
        foreach (double seconds in new[] { 30, 60, 120, 300 })
        {
            bench.Wait(TimeSpan.FromSeconds(seconds - 1));
            Assert.Empty(bench.Pushes);
            bench.Wait(TimeSpan.FromSeconds(1));
            Push again = Assert.Single(bench.Pushes);
            Assert.Equal((1L, true), (again.Entry.Position, again.Again));
            bench.Forget();
        }
    }

    [Fact]
    public void What_was_pushed_five_times_in_vain_is_set_aside_and_the_cursor_goes_on()
    {
        SetAside();
        Assert.Equal(1, Assert.Single(bench.Writes.OfType<SetAside>()).Entry.Position);
        Assert.Equal(OutcomeState.SetAside, Assert.Single(bench.Writes.OfType<RecordOutcome>()).Outcome.State);
        Assert.Equal(2, bench.Log.CursorsOf(new ReaderNo(120))[(int)Lane.Next].Through);
        Assert.DoesNotContain(bench.Notices, notice => notice.Message.Position == 1);
    }

    [Fact]
    public void What_was_set_aside_is_offered_when_the_reader_comes_back_and_is_then_delivered()
    {
        SetAside();
        bench.Forget();
        bench.Join(bench.Device(Bob));
        Push offered = Assert.Single(bench.Pushes);
        Assert.Equal((1L, true), (offered.Entry.Position, offered.Again));

        bench.Acknowledge(offered);
        Assert.Single(bench.Writes.OfType<ClearAside>());
        Assert.Equal(1, Assert.Single(bench.Notices).Message.Position);
        bench.Forget();
        bench.Join(bench.Device(Bob));
        Assert.Empty(bench.Pushes);
    }

    [Fact]
    public void What_was_set_aside_before_a_crash_is_offered_after_it()
    {
        SetAside();
        bench.Crash();
        bench.Forget();
        bench.Join(bench.Device(Alice, receipts: true));
        bench.Join(bench.Device(Bob));
        bench.AcknowledgeAll();
        Assert.Equal(1, Assert.Single(bench.Notices).Message.Position);
    }

    [Fact]
    public void A_clock_that_is_set_back_repeats_nothing_early_and_for_ever_stops_nothing()
    {
        bench.Wait(TimeSpan.FromHours(-3));
        bench.Wait(TimeSpan.FromSeconds(29));
        Assert.Empty(bench.Pushes);
        bench.Wait(TimeSpan.FromSeconds(1));
        Assert.Single(bench.Pushes);
    }

    private void SetAside()
    {
        foreach (double minutes in new[] { 0.5, 1, 2, 5, 5 })
            bench.Wait(TimeSpan.FromMinutes(minutes));
    }
}
