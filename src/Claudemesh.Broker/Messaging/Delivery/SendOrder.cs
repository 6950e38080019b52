using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>
/// Keeps the order of a sender that was refused something for now. What it had sent behind that is already on its way, and the
/// reason may pass at any moment: so it is refused alike, until one of the refused comes again. That shows that the sender has
/// seen the refusal, for answers keep their order, and it has promised to begin with the oldest (<see cref="Origin.Resends"/>).
/// </summary>
/// <remarks>
/// A hold is on one line, which is an address and a lane, or on everything of a connection (line null). Its names are those
/// whose return shows that its last reason was seen; with none, the next that comes is refused once more and is the first.
/// </remarks>
internal sealed class SendOrder
{
    /// <summary>Names that are remembered of one connection; a sender has far fewer on their way. Beyond it they are forgotten.</summary>
    private const int NamesMax = 1_024;

    private readonly Dictionary<ConnectionNo, Held> connections = [];

    public int Count => connections.Count;

    /// <summary>Something came from this connection, so it is there until <see cref="Forget"/>.</summary>
    public void Note(Origin origin)
    {
        if (origin.Resends && origin.Connection is { } connection && !connections.ContainsKey(connection))
            connections.Add(connection, new Held());
    }

    /// <summary>Something is refused, be it because of a hold.</summary>
    public void Hold(Origin origin, ClientKey? key, (Address To, Lane Lane)? line, MeshError why)
    {
        if (why.Retryable && key is not null && Find(origin) is { } held)
            held.Hold(line, key.Id, why);
    }

    /// <summary>Whether a submission must be refused so that it overtakes nothing, and why. It lifts the hold if it is one of its names.</summary>
    public MeshError? Check(Origin origin, ClientKey? key, (Address To, Lane Lane)? line)
    {
        if (!origin.Resends)
            return null;

        // What waited while its connection went comes again over the next one; what had been refused before it is not known any more.
        return Find(origin) is { } held ? held.Check(line, key?.Id) : MeshError.Unavailable;
    }

    /// <summary>What returns now proves nothing: an older one of this line is about to be refused.</summary>
    public void Renew(Origin origin, (Address To, Lane Lane) line) => Find(origin)?.Renew(line);

    /// <summary>
    /// What returns now proves nothing: a repeat on this line was not checked, whatever becomes of it. When one of the refused comes again the
    /// sender has begun anew, and that one is the first.
    /// </summary>
    public void Doubt(Origin origin, (Address To, Lane Lane) line) => Find(origin)?.Doubt(line);

    /// <summary>Nothing more comes from this connection.</summary>
    public void Forget(ConnectionNo connection) => connections.Remove(connection);

    private Held? Find(Origin origin) =>
        origin.Resends && origin.Connection is { } connection ? connections.GetValueOrDefault(connection) : null;

    private sealed class Held
    {
        private readonly Dictionary<(Address To, Lane Lane), Line> lines = [];
        private Line? everything;
        private int names;

        public void Hold((Address To, Lane Lane)? at, byte[] name, MeshError why)
        {
            if (Find(at) is not { } line)
                line = Begin(at, why);
            else if (line.Names.Contains(Convert.ToHexString(name)) || line.Doubted.Contains(Convert.ToHexString(name)))
                Clear(line);
            Add(line, name);
        }

        public MeshError? Check((Address To, Lane Lane)? at, byte[]? name)
        {
            if (Find(at) is not { } line)
                return null;

            if (name is null || !line.Names.Contains(Convert.ToHexString(name)))
                return line.Why;

            Clear(line);
            if (at is { } key)
                lines.Remove(key);
            else
                everything = null;
            return null;
        }

        public void Renew((Address To, Lane Lane) at)
        {
            if (Find(at) is not { } line)
                return;
            names -= line.Names.Count;
            line.Names.Clear();
        }

        public void Doubt((Address To, Lane Lane) at)
        {
            if (Find(at) is not { } line)
                return;
            line.Doubted.UnionWith(line.Names);
            line.Names.Clear();
        }

        private Line? Find((Address To, Lane Lane)? at) => at is { } key ? lines.GetValueOrDefault(key) : everything;

        private Line Begin((Address To, Lane Lane)? at, MeshError why)
        {
            Line line = new(why);
            if (at is { } key)
                lines.Add(key, line);
            else
                everything = line;
            return line;
        }

        private void Add(Line line, byte[] name)
        {
            if (names == NamesMax)
            {
                foreach (Line each in lines.Values)
                    Clear(each);
                if (everything is not null)
                    Clear(everything);
            }

            if (line.Names.Add(Convert.ToHexString(name)))
                names++;
        }

        private void Clear(Line line)
        {
            names -= line.Names.Count + line.Doubted.Count;
            line.Names.Clear();
            line.Doubted.Clear();
        }
    }

    private sealed class Line(MeshError why)
    {
        public MeshError Why { get; } = why;

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        /// <summary>Names that were refused before a repeat came: see <see cref="SendOrder.Doubt"/>.</summary>
        public HashSet<string> Doubted { get; } = new(StringComparer.Ordinal);
    }
}
