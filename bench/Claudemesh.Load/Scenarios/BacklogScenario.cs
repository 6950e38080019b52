using System.Diagnostics;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>Ten thousand messages wait for somebody who was away; how long until the last is there after he returns.</summary>
internal sealed class BacklogScenario : IScenario
{
    // A sender may have 1,000 waiting in one mailbox.
    private const int Senders = 10;
    private const int MessagesOfEach = 1000;
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);

    public string Name => "backlog";

    public string Describe => "10,000 messages wait for an absent peer; time to the last after it returns";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
        using Stage stage = await Stage.OpenAsync(broker, Senders + 2, [.. Enumerable.Repeat(HelloKind.Legacy, Senders)], cancellationToken);
        Measure(bench, stage, Senders, HelloKind.Member, "our hello");
        Measure(bench, stage, Senders + 1, HelloKind.Legacy, "hello of 1.x");
    }

    private static void Measure(Bench bench, Stage stage, int absent, HelloKind kind, string hello)
    {
        LoadMember member = stage.Mesh.Members[absent];
        DirectTraffic traffic = new(stage.Sockets, ClientIdKind.Ordered)
        {
            WindowMax = MessagesOfEach,
            MessagesMax = MessagesOfEach,
            Finish = Finish.Acknowledged,
        };
        for (int sender = 0; sender < Senders; sender++)
            traffic.AddFlow(sender, member.Key.Public.ToString());

        if (!stage.Loop.Run(traffic, TimeMax) || traffic.Refused > 0)
            throw new InvalidOperationException($"{traffic.Acknowledged} of {traffic.Sent} were accepted for an absent peer: {traffic.FirstRefusal}");

        traffic.Stop(Finish.Delivered);
        long started = Stopwatch.GetTimestamp();
        Stage.Connect(stage.Loop, [new Seat(stage.Mesh, member, kind)], out TimeSpan welcomed, behind: traffic);
        stage.Loop.Run(traffic, TimeMax);
        TimeSpan time = Stopwatch.GetElapsedTime(started);

        bool isWhole = traffic is { OutOfOrder: 0, Again: 0, Lost: 0 } && traffic.Delivered == traffic.Sent;
        bench.Report.Note($"welcomed after {Report.Milliseconds(welcomed)}; {traffic.Delivered} of {traffic.Sent} delivered, {traffic.OutOfOrder} out of order, {traffic.Again} again");
        bench.Report.Add(new Row(
            $"10,000 waiting messages after the return, {hello}",
            isWhole ? Report.Milliseconds(time) : "not whole",
            Goal: "in order, ≤ 1 s",
            Reached: isWhole && time <= Goal,
            Earlier: "0 of 1,000 within a minute"));
    }
}
