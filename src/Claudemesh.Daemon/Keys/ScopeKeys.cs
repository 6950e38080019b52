using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// One scope's log and roots in memory: what it says now may be read from any thread; whoever reads it on or appends to it has the <see cref="Turn"/>.
/// </summary>
internal sealed class ScopeKeys : IDisposable
{
    private readonly Lock gate = new();
    private readonly HeldLog log;
    private readonly RootHistory roots = new();
    private readonly IReadOnlyList<SigningKey> own;
    private volatile Membership state;
    private volatile LogFork? fork;
    private long moves;
    private long readAt = -1;

    /// <param name="own">The keys that copies may be sealed to: this member's, and those he had before.</param>
    /// <param name="mesh">The workspace's own log, where this is a topic's.</param>
    public ScopeKeys(string meshId, string scope, StoredScope stored, IReadOnlyList<SigningKey> own, Membership? mesh)
    {
        this.own = own;
        log = new HeldLog(meshId, scope, stored.Pin);
        // What is in this daemon's own database was verified before it was written; `log verify` looks at the signatures again.
        log.Restore(stored.Records, mesh);
        state = log.State;
        fork = log.Fork;
        if (stored.Fork is { } shown)
            Read([shown], mesh, out _);
        foreach ((long epoch, byte[] copy) in stored.Copies)
            TryOpenCopy(epoch, copy);
    }

    public string Scope => state.Scope;

    /// <summary>What the log says, as far as it was read.</summary>
    public Membership State => state;

    /// <summary>What the broker showed instead of the log, once it did: nothing is sent in the scope any more.</summary>
    public LogFork? Fork => fork;

    /// <summary>Held by whoever reads the log on or appends to it. A topic's is taken before the workspace's, never the other way round.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The log was read to the broker's head on this connection, and nothing was heard since.</summary>
    public bool IsCurrent => Interlocked.Read(ref readAt) == Moves;

    /// <summary>How often something was heard that makes it necessary to read on; take it before reading.</summary>
    public long Moves => Interlocked.Read(ref moves);

    public void MarkMoved() => Interlocked.Increment(ref moves);

    /// <param name="seen">What <see cref="Moves"/> said before the log was read.</param>
    public void MarkCurrent(long seen) => Interlocked.Exchange(ref readAt, seen);

    /// <summary>The root of the current epoch; null when it is not in hand. It stays usable while the workspace is open.</summary>
    public RootKey? FindRoot()
    {
        lock (gate)
            return state.Epoch == 0 ? null : roots.Find(state, state.Epoch);
    }

    public RootKey? FindRoot(long epoch)
    {
        lock (gate)
            return roots.Find(state, epoch);
    }

    /// <summary>Opens something with the roots. Short work only: nobody else opens meanwhile.</summary>
    public T Open<T>(Func<Membership, RootHistory, T> open)
    {
        lock (gate)
            return open(state, roots);
    }

    /// <summary>Takes records that follow; see <see cref="HeldLog.Read"/>.</summary>
    /// <param name="added">Those that were new, to be written down.</param>
    public LogReading Read(IEnumerable<SignedRecord> page, Membership? mesh, out IReadOnlyList<SignedRecord> added)
    {
        lock (gate)
        {
            long before = log.State.Head.Seq;
            LogReading reading = log.Read(page, mesh);
            added = [.. log.After(before)];
            state = log.State;
            fork = log.Fork;
            return reading;
        }
    }

    public LogDistance Compare(LogHead other)
    {
        lock (gate)
            return log.Compare(other);
    }

    public IReadOnlyList<SignedRecord> After(long seq)
    {
        lock (gate)
            return [.. log.After(seq)];
    }

    public IReadOnlyList<LogRecord> ListRecords()
    {
        lock (gate)
            return [.. log.Records];
    }

    /// <summary>What kind of program each key used that was ever admitted, as it was let in. Who joined by himself is not there.</summary>
    public Dictionary<PublicKey, MemberKind> ListAdmitted()
    {
        var kinds = new Dictionary<PublicKey, MemberKind>();
        foreach (LogRecord record in ListRecords())
        {
            if (record.Body is LogBody.Admit admit)
                kinds[admit.Key] = admit.Kind;
        }

        return kinds;
    }

    /// <summary>Opens a copy that was sealed to a key of this member. False for one that does not give the log's root.</summary>
    public bool TryOpenCopy(long epoch, byte[] copy)
    {
        lock (gate)
            return own.Any(key => roots.TryOpen(state, epoch, key, copy));
    }

    public void Dispose()
    {
        lock (gate)
            roots.Dispose();
        Turn.Dispose();
    }
}
