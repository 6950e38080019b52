using Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

/// <summary>A simulator that catches nothing proves nothing: each of these defects must be found by it.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int SeedsMax = 600;
    private const int Steps = 2_000;

    public static TheoryData<string> Defects => [.. Mutants.All.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Defects))]
    public void The_simulator_catches(string defect)
    {
        MutatedCore core = MutatedCore.With(Mutants.All.Single(mutant => mutant.Name == defect));
        for (ulong seed = 1; seed <= SeedsMax; seed++)
        {
            if (core.Run(seed, Steps) is { } failure)
            {
                output.WriteLine($"{defect}: seed {seed}: {failure}");
                return;
            }
        }

        Assert.Fail($"\"{defect}\" was caught by none of {SeedsMax} seeds.");
    }

    [Fact]
    public void The_simulator_finds_nothing_in_the_core_as_it_is()
    {
        MutatedCore core = MutatedCore.Unchanged();
        for (ulong seed = 1; seed <= 20; seed++)
            Assert.Null(core.Run(seed, Steps));
    }
}
