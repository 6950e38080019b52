namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Reads the store for readers that are behind, one page at a time each, until they have caught up with what is committed.</summary>
internal sealed class Pages(Turn turn, Pushes pushes)
{
    private readonly Dictionary<FetchNo, Fetched> asked = [];
    private long last;

    public int Count => asked.Count;

    public void CatchUp(Reader reader)
    {
        for (int lane = 0; lane < LaneReader.Lanes; lane++)
            CatchUp(reader, lane);
    }

    public void CatchUp(Reader reader, int lane)
    {
        LaneReader at = reader.Lanes[lane];
        if (at.Live || at.Fetch is not null || !reader.IsOpen(lane))
            return;

        if (reader.Newest(lane) <= at.Pushed)
        {
            at.Live = true;
            return;
        }

        // A page is worth asking for when half of what may be in flight has been acknowledged.
        DeliveryBounds bounds = turn.Bounds;
        int bytes = bounds.InFlightBytesMax - at.Ring.Bytes;
        int entries = bounds.InFlightMax - at.Ring.Count;
        if (entries < (bounds.InFlightMax + 1) / 2 || bytes < bounds.InFlightBytesMax / 2)
            return;

        // Large bodies that will not fit are not worth reading twice.
        int fitting = reader.Box is { Waiting: > 0, WaitingBytes: > 0 } box
            ? (int)Math.Clamp((long)bytes * box.Waiting / box.WaitingBytes, 1, entries)
            : entries;
        at.Fetch = Ask(new Fetched(reader, lane, turn.CommittedThrough, IsRepeat: false), at.Pushed, fitting);
    }

    public FetchNo AskOne(Reader reader, int lane, long position) =>
        Ask(new Fetched(reader, lane, position, IsRepeat: true), position - 1, limit: 1);

    /// <returns>Null when nobody waits for that page any more.</returns>
    public Fetched? Take(FetchNo no) => asked.Remove(no, out Fetched? fetched) ? fetched : null;

    /// <summary>Pushes a page. What there is no room for is read again later.</summary>
    public void Show(Fetched fetched, Page page)
    {
        Reader reader = fetched.Reader;
        LaneReader at = reader.Lanes[fetched.Lane];
        at.Fetch = null;
        if (!reader.IsOpen(fetched.Lane))
            return;

        foreach (Stored stored in page.Entries)
        {
            if (stored.Entry.Position > at.Pushed && !pushes.TryTake(reader, stored.Message, stored.Entry))
            {
                CatchUp(reader, fetched.Lane);
                return;
            }
        }

        bool isLast = !page.Full || page.Entries.IsEmpty;
        if (isLast && reader.Newest(fetched.Lane) <= fetched.AsOf)
            at.Live = true;
        else
            CatchUp(reader, fetched.Lane);
    }

    public void Cancel(LaneReader at)
    {
        if (at.Fetch is { } page)
            asked.Remove(page);
        if (at.Repeat is { } repeat)
            asked.Remove(repeat);
        at.Fetch = null;
        at.Repeat = null;
    }

    private FetchNo Ask(Fetched fetched, long after, int limit)
    {
        FetchNo no = new(++last);
        asked.Add(no, fetched);
        turn.Effect(new Fetch(no, fetched.Reader.No, fetched.Reader.Source, (Lane)fetched.Lane, after, fetched.AsOf, limit));
        return no;
    }
}

/// <summary>A page that was asked for. <see cref="IsRepeat"/>: one entry, to be pushed again.</summary>
internal sealed record Fetched(Reader Reader, int Lane, long AsOf, bool IsRepeat);
