namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>One reader's place in one lane: acknowledged up to <see cref="Through"/>, pushed up to <see cref="Pushed"/>.</summary>
internal sealed class LaneReader
{
    public const int Lanes = 3;

    public long Through { get; set; }

    public long Pushed { get; set; }

    /// <summary>What the reader says it has already.</summary>
    public long Resume { get; set; }

    /// <summary>The position of the push before, on this connection.</summary>
    public long Previous { get; set; }

    /// <summary>Live: gets entries as they are committed. Otherwise it is behind, and gets pages.</summary>
    public bool Live { get; set; }

    /// <summary>The page that was asked for, if any.</summary>
    public FetchNo? Fetch { get; set; }

    /// <summary>The oldest entry in flight, asked for to be pushed again.</summary>
    public FetchNo? Repeat { get; set; }

    /// <summary>How often the oldest entry in flight was pushed again.</summary>
    public int Repeats { get; set; }

    public bool CursorMoved { get; set; }

    public InFlightRing Ring { get; } = new();

    /// <summary>Entries beyond <see cref="Pushed"/> that the reader has got already, because they pass a shut gate.</summary>
    public List<InFlight>? Passed { get; set; }

    /// <summary>The entry at this position is not for this reader.</summary>
    public void Cover(long position)
    {
        Pushed = position;
        if (Ring.Count > 0)
            Ring[Ring.Count - 1].CoverTo = position;
        else
            MoveTo(position);
    }

    public void MoveTo(long through)
    {
        Through = through;
        Pushed = Math.Max(Pushed, through);
    }

    public int FindPassed(long position)
    {
        for (int i = 0; i < Passed?.Count; i++)
        {
            if (Passed[i].Position == position)
                return i;
        }

        return -1;
    }

    /// <summary>Forgets what is in flight: the next connection gets it at once.</summary>
    public void Rewind()
    {
        Pushed = Through;
        Previous = 0;
        Resume = 0;
        Live = false;
        Repeats = 0;
        Ring.Clear();
        Passed = null;
    }
}
