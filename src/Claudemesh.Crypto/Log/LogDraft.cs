using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto;

/// <summary>
/// Writes records of one author onto a head, each judged as its readers will judge it. What is drafted together is appended together:
/// the broker takes all or, when its head is another one, nothing, and the author reads on and drafts anew.
/// </summary>
/// <param name="on">What the log says now.</param>
/// <param name="now">Milliseconds since 1970. Where the log is ahead of this clock, its time counts: a log's time never falls.</param>
/// <param name="mesh">The workspace's own log where <paramref name="on"/> is a topic's.</param>
public sealed class LogDraft(Membership on, MemberSecretKey author, long now, Membership? mesh = null)
{
    private readonly List<LogRecord> records = [];

    /// <summary>What the log will say when the draft is appended.</summary>
    public Membership State { get; private set; } = on;

    public IReadOnlyList<LogRecord> Records => records;

    /// <summary>The time that the next record will have.</summary>
    public long At => Math.Max(now, State.Head.At);

    public PublicKey Author => author.Public;

    internal Membership? Mesh => mesh;

    /// <summary>Adds a record, or says why nobody would take it.</summary>
    /// <exception cref="ArgumentException">A value of the body has no encoding.</exception>
    public LogRefusal Add(LogBody body)
    {
        LogRecord record = LogRecord.Sign(author, State.MeshId, State.Scope, State.Head, At, body);
        LogRefusal refusal = State.CheckNow(record, mesh);
        if (refusal is not LogRefusal.None)
            return refusal;

        LogVerdict verdict = State.Apply(record, mesh);
        if (verdict.Next is not { } next)
            return verdict.Refusal;

        State = next;
        records.Add(record);
        return LogRefusal.None;
    }

    /// <summary>The author's member goes on under <paramref name="newKey"/>. Nothing more can be added with the old one.</summary>
    public LogRefusal AddKeyChange(MemberSecretKey newKey, bool compromised) => Add(new LogBody.KeyChange(
        newKey.Public, newKey.Sign(new KeyProofText(State.MeshId, author.Public, newKey.Public)), compromised));
}
