using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>
/// The log as one client holds it: it takes what extends its head and nothing else. Another record at a known place, or one that breaks
/// a rule, is a fork; the client keeps what it had, takes nothing more, and sends nothing in the scope. One owner at a time.
/// </summary>
public sealed class HeldLog
{
    private readonly List<LogRecord> records = [];
    private readonly Digest? pin;

    /// <param name="pin">From the invite or the vault; null when this client makes the workspace itself or trusts the first record.</param>
    public HeldLog(string meshId, string scope, Digest? pin)
    {
        State = Membership.Empty(meshId, scope);
        this.pin = pin;
    }

    public Membership State { get; private set; }

    public IReadOnlyList<LogRecord> Records => records;

    /// <summary>What the broker showed instead of the log, once it did. It stays: only a person decides what to believe then.</summary>
    public LogFork? Fork { get; private set; }

    /// <summary>Takes records in their order; those that are held already are compared, so pages may overlap.</summary>
    /// <param name="mesh">The workspace's own log, read first, where this is a topic's.</param>
    public LogReading Read(IEnumerable<SignedRecord> page, Membership? mesh = null)
    {
        if (Fork is not null)
            return LogReading.Forked;

        LogReading reading = LogReading.Known;
        foreach (SignedRecord signed in page)
        {
            LogRefusal refusal = LogRecord.TryRead(signed, out LogRecord? record);
            if (refusal is LogRefusal.None)
                refusal = Take(record!, mesh, ref reading);
            if (refusal is LogRefusal.NotInWorkspace)
                return LogReading.NeedsWorkspace;
            if (refusal is not LogRefusal.None)
            {
                Fork = new LogFork(record?.Seq ?? State.Head.Seq + 1, refusal, signed);
                return LogReading.Forked;
            }

            if (reading is LogReading.Gap)
                break;
        }

        return reading;
    }

    /// <summary>Takes what this client has read before and kept, in its order: judged by the rules again, but not by the signatures.</summary>
    /// <exception cref="FormatException">These are not the bytes of a record.</exception>
    public LogReading Restore(IEnumerable<SignedRecord> kept, Membership? mesh = null)
    {
        LogReading reading = LogReading.Known;
        foreach (SignedRecord signed in kept)
        {
            LogRecord record = LogRecord.ReadKept(signed);
            LogRefusal refusal = Take(record, mesh, ref reading);
            if (refusal is not LogRefusal.None)
            {
                Fork = new LogFork(record.Seq, refusal, signed);
                return LogReading.Forked;
            }
        }

        return reading;
    }

    /// <summary>
    /// Compares with the head that a broker or another client names. A broker that ends before our head was restored from a backup and is
    /// not believed: <see cref="After"/> its head are the records that it lacks, good as they stand; append them, and only then send.
    /// Changes nothing: anybody can name a head, and only the other record itself, when it is read, proves a fork.
    /// </summary>
    public LogDistance Compare(LogHead other)
    {
        if (other.Seq > State.Head.Seq)
            return LogDistance.OtherIsAhead;
        if (other.Hash != HashAt(other.Seq))
            return LogDistance.Differs;

        return other.Seq == State.Head.Seq ? LogDistance.Same : LogDistance.OtherIsBehind;
    }

    /// <summary>The records after a place, oldest first.</summary>
    public IEnumerable<SignedRecord> After(long seq) => records.Skip((int)Math.Min(seq, records.Count)).Select(record => record.Signed);

    /// <summary>The hash of a record; zeros at 0, and before the log has that many.</summary>
    public Digest HashAt(long seq) => seq >= 1 && seq <= records.Count ? records[(int)(seq - 1)].Hash : default;

    private LogRefusal Take(LogRecord record, Membership? mesh, ref LogReading reading)
    {
        if (record.Seq <= State.Head.Seq)
            return record.Hash == HashAt(record.Seq) ? LogRefusal.None : LogRefusal.NotNext;

        if (record.Seq > State.Head.Seq + 1)
        {
            reading = LogReading.Gap;
            return LogRefusal.None;
        }

        if (record.Seq == 1 && pin is { } expected && record.Hash != expected)
            return LogRefusal.WrongPin;

        LogVerdict verdict = State.Apply(record, mesh);
        if (verdict.Next is not { } next)
            return verdict.Refusal;

        State = next;
        records.Add(record);
        reading = LogReading.Extended;
        return LogRefusal.None;
    }
}

/// <summary>What a page of records was.</summary>
public enum LogReading
{
    /// <summary>Nothing new.</summary>
    Known,
    Extended,

    /// <summary>Begins after the place where ours ends: ask for what is between.</summary>
    Gap,

    /// <summary>A topic's log goes on with something that is not in the workspace's as it was given: read that one on, then this.</summary>
    NeedsWorkspace,
    Forked,
}

/// <summary>How another head stands to ours.</summary>
public enum LogDistance
{
    Same,
    OtherIsAhead,
    OtherIsBehind,

    /// <summary>Another record stands there than ours: ask for it, and read it.</summary>
    Differs,
}

/// <summary>Where a log was forked, why the other record is not taken, and that record as proof.</summary>
public sealed record LogFork(long Seq, LogRefusal Refusal, SignedRecord Shown);
