namespace Claudemesh.Daemon;

/// <summary>
/// Gives memory back when nothing has been done for a while. The collector sizes its heap for programs that work; this one waits for most of its life, and
/// a collection that nobody waits for costs nobody anything.
/// </summary>
internal sealed class Rest : IDisposable
{
    public static readonly TimeSpan After = TimeSpan.FromSeconds(3);

    /// <summary>Less garbage than this is not worth a collection.</summary>
    private const long GarbageBytesMin = 1 << 20;

    private readonly TimeProvider clock;
    private readonly Action giveBack;
    private readonly ITimer timer;
    private long stirredAt;
    private int isAwake;

    /// <param name="giveBack">Runs on a pool thread, once after each busy time.</param>
    public Rest(TimeProvider clock, Action giveBack)
    {
        this.clock = clock;
        this.giveBack = giveBack;
        timer = clock.CreateTimer(_ => Look(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>One that gives the garbage collector's memory back to the system.</summary>
    public static Rest OfCollector(TimeProvider clock)
    {
        long allocated = 0;
        return new Rest(clock, () =>
        {
            if (GC.GetTotalAllocatedBytes() - allocated < GarbageBytesMin)
                return;

            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            allocated = GC.GetTotalAllocatedBytes();
        });
    }

    /// <summary>Something is being done. Cheap, from any thread.</summary>
    public void Stir()
    {
        Volatile.Write(ref stirredAt, clock.GetTimestamp());
        if (Interlocked.Exchange(ref isAwake, 1) == 0)
            timer.Change(After, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        TimeSpan left = After - clock.GetElapsedTime(Volatile.Read(ref stirredAt));
        if (left > TimeSpan.Zero)
        {
            timer.Change(left, Timeout.InfiniteTimeSpan);
            return;
        }

        // Before the work: what stirs during it is looked at again.
        Volatile.Write(ref isAwake, 0);
        giveBack();
    }
}
