using System.Globalization;
using Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Steps = 2_000;

    /// <summary>How many seeds; set <c>CLAUDEMESH_SIM_SEEDS</c> for a soak, <c>CLAUDEMESH_SIM_SEED</c> for one alone.</summary>
    private static int Seeds =>
        int.TryParse(Environment.GetEnvironmentVariable("CLAUDEMESH_SIM_SEEDS"), CultureInfo.InvariantCulture, out int seeds) ? seeds : 2_000;

    [Fact]
    public void Every_promise_holds_for_every_seed()
    {
        if (ulong.TryParse(Environment.GetEnvironmentVariable("CLAUDEMESH_SIM_SEED"), out ulong only))
        {
            using StreamWriter trace = new($"{Path.GetTempPath()}/claudemesh-seed-{only}.txt");
            BrokerNode.Trace = trace;
            Simulated.Run(only, Steps);
            return;
        }

        long messages = 0;
        ParallelOptions aThreadForEachCore = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(1, Seeds + 1, aThreadForEachCore, seed =>
            Interlocked.Add(ref messages, Simulated.Run((ulong)seed, Steps).Written));
        string summary = $"simulator: {Seeds} seeds, {(long)Seeds * Steps} steps, {messages} messages";
        output.WriteLine(summary);
        Console.WriteLine(summary);
    }

    [Fact]
    public void A_seed_gives_the_same_run_every_time()
    {
        for (ulong seed = 1; seed <= 5; seed++)
            Assert.Equal(Simulated.Run(seed, Steps), Simulated.Run(seed, Steps));
    }

    /// <summary>
    /// Seeds that failed once. 2: somebody was removed when a broadcast was accepted and read it when he was let in again, so
    /// that three of two recipients had it. 505: a copy had moved to another mailbox although the commit was said to have failed, and
    /// its delivery there was not counted. 2618: a copy that had just expired was moved, and was delivered after all.
    /// 8341: a refusal of a copy that had moved was taken back when it was acknowledged. 13107: so was one that came ahead of the
    /// acknowledgement, when its mailbox had been forgotten between them. 5799 and 18319: a session came back and read what had
    /// moved to its member, which was told and not recorded.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(505)]
    [InlineData(2618)]
    [InlineData(8341)]
    [InlineData(5799)]
    [InlineData(13107)]
    [InlineData(18319)]
    public void A_seed_that_failed_once_passes(ulong seed) => Simulated.Run(seed, Steps);
}
