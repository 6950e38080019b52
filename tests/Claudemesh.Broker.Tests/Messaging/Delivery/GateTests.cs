using System.Collections.Frozen;
using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using static Claudemesh.Broker.Tests.Messaging.Delivery.Workbench;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class GateTests
{
    private readonly Workbench bench = new();

    [Fact]
    public void A_working_session_gets_only_what_is_urgent_and_the_rest_as_soon_as_it_is_idle()
    {
        Attach attach = bench.Device(Bob, gate: LaneGate.Now);
        bench.Join(attach);
        bench.Do(bench.Message(Alice, To(Bob), Lane.Next), bench.Message(Alice, To(Bob), Lane.Now), bench.Message(Alice, To(Bob), Lane.Low));
        Assert.Equal([Lane.Now], bench.Pushes.Select(push => push.Entry.Lane));

        bench.Do(new GateChanged(attach.Connection, attach.Reader, LaneGate.Now | LaneGate.Next));
        Assert.Equal([Lane.Now, Lane.Next], bench.Pushes.Select(push => push.Entry.Lane));

        bench.Do(new GateChanged(attach.Connection, attach.Reader, LaneGate.All));
        Assert.Equal([Lane.Now, Lane.Next, Lane.Low], bench.Pushes.Select(push => push.Entry.Lane));
    }

    [Fact]
    public void A_gate_that_shuts_stops_the_page_that_is_on_its_way()
    {
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.HoldsPages = true;
        Attach attach = bench.Device(Bob);
        bench.Join(attach);
        bench.Do(new GateChanged(attach.Connection, attach.Reader, LaneGate.Now));
        bench.AnswerPages();
        Assert.Empty(bench.Pushes);

        bench.Do(new GateChanged(attach.Connection, attach.Reader, LaneGate.All));
        Assert.Single(bench.Pushes);
    }

    [Theory]
    [InlineData(ReaderKind.Legacy, true)]
    [InlineData(ReaderKind.Peek, true)]
    [InlineData(ReaderKind.Device, false)]
    internal void A_multicast_passes_the_gate_for_1x_readers_alone(ReaderKind kind, bool passes)
    {
        bench.Change(directory => directory with
        {
            Groups = new Dictionary<string, ImmutableArray<Addressee>>(StringComparer.Ordinal) { ["g"] = [Addressee(Bob)] }
                .ToFrozenDictionary(StringComparer.Ordinal),
        });
        bench.Join(bench.Device(Bob, kind: kind, gate: LaneGate.Now));
        bench.Do(bench.Message(Alice, To(Bob)));
        bench.Do(bench.Message(Alice, new Address.Everyone(Everyone)), bench.Message(Alice, new Address.Group("g")));
        Assert.Equal(passes ? [2L, 3L] : [], bench.Pushes.Select(push => push.Entry.Position));
    }

    [Fact]
    public void What_passed_the_gate_is_not_pushed_a_second_time_and_its_acknowledgement_counts()
    {
        Attach attach = bench.Device(Bob, kind: ReaderKind.Legacy, gate: LaneGate.Now);
        bench.Join(attach);
        bench.Do(bench.Message(Alice, To(Bob)), bench.Message(Alice, new Address.Everyone(Everyone)));
        bench.AcknowledgeAll();
        Assert.Empty(bench.Writes.OfType<MoveCursor>());

        bench.Forget();
        bench.Do(new GateChanged(attach.Connection, attach.Reader, LaneGate.All));
        Assert.Equal(1, Assert.Single(bench.Pushes).Entry.Position);
        bench.AcknowledgeAll();
        Assert.Equal(2, bench.Writes.OfType<MoveCursor>().Last().Through);
    }
}
