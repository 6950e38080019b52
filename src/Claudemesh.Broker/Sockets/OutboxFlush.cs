namespace Claudemesh.Broker.Sockets;

/// <summary>
/// The outboxes that one turn of a loop has put frames into. They are written some at a time for each work item: an item for
/// each outbox would cost a broadcast a thousand hand-overs, and its readers' acknowledgements would queue up behind them.
/// </summary>
internal sealed class OutboxFlush
{
    /// <summary>A write to a socket takes some microseconds; so many share a work item.</summary>
    private const int OutboxesPerItem = 32;

    private readonly List<Outbox> touched = [];

    /// <summary>From here on nobody else writes this outbox, so that all frames of the turn leave in one write.</summary>
    public void Add(Outbox outbox)
    {
        if (outbox.TryBeginWriting())
            touched.Add(outbox);
    }

    /// <summary>Lets out what was added.</summary>
    public void Release()
    {
        for (int at = 0; at < touched.Count; at += OutboxesPerItem)
        {
            Outbox[] some = [.. touched[at..Math.Min(at + OutboxesPerItem, touched.Count)]];
            ThreadPool.UnsafeQueueUserWorkItem(new Writers(some), preferLocal: false);
        }

        touched.Clear();
    }

    private sealed class Writers(Outbox[] outboxes) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            foreach (Outbox outbox in outboxes)
                outbox.Write();
        }
    }
}
