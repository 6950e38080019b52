using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Daemon.Tests;

/// <summary>Memory is given back when nobody waits for the daemon, and only then.</summary>
public sealed class RestTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider clock = new();
    private int rests;

    [Fact]
    public void It_rests_once_after_each_busy_time()
    {
        using Rest rest = Make();

        rest.Stir();
        clock.Advance(Rest.After);
        clock.Advance(Rest.After);
        Assert.Equal(1, rests);

        rest.Stir();
        clock.Advance(Rest.After);
        Assert.Equal(2, rests);
    }

    [Fact]
    public void As_long_as_something_is_done_it_does_not_rest()
    {
        using Rest rest = Make();
        for (int times = 0; times < 10; times++)
        {
            rest.Stir();
            clock.Advance(Rest.After - Moment);
        }

        Assert.Equal(0, rests);
        clock.Advance(Moment);
        Assert.Equal(1, rests);
    }

    [Fact]
    public void What_was_never_busy_has_nothing_to_give()
    {
        using Rest rest = Make();
        clock.Advance(Rest.After * 10);

        Assert.Equal(0, rests);
    }

    [Fact]
    public void Garbage_is_collected_while_it_rests()
    {
        using Rest rest = Rest.OfCollector(clock);
        WeakReference garbage = MakeGarbage();

        rest.Stir();
        clock.Advance(Rest.After);

        Assert.False(garbage.IsAlive);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference MakeGarbage() => new(new byte[4 << 20]);

    private Rest Make() => new(clock, () => rests++);
}
