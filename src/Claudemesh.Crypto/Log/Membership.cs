using System.Collections.Immutable;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>
/// What the log of one scope says at one head: who is a member, who may do what, which root is current. A value: broker and clients
/// make the same one from the same records, with <see cref="Apply"/> and nothing else.
/// </summary>
public sealed partial record Membership
{
    private Membership(string meshId, string scope)
    {
        MeshId = meshId;
        Scope = scope;
    }

    public string MeshId { get; }

    /// <summary><c>mesh</c> or <c>topic/&lt;topic_id&gt;</c>.</summary>
    public string Scope { get; }

    public LogHead Head { get; internal init; }

    /// <summary>The hash of the first record: what an invite names, and what the workspace is known by for ever. Zeros before it.</summary>
    public Digest Pin { get; internal init; }

    public ImmutableDictionary<PublicKey, LogMember> Members { get; internal init; } = ImmutableDictionary<PublicKey, LogMember>.Empty;

    /// <summary>Every key that ever was a member, with what became of it.</summary>
    public ImmutableDictionary<PublicKey, KeyPast> Keys { get; internal init; } = ImmutableDictionary<PublicKey, KeyPast>.Empty;

    public ImmutableDictionary<string, LogInvite> Invites { get; internal init; } = ImmutableDictionary<string, LogInvite>.Empty;

    /// <summary>The epochs from 1 on: number n at place n − 1.</summary>
    public ImmutableList<LogBody.Epoch> Epochs { get; internal init; } = [];

    public bool EncryptionRequired { get; internal init; }

    /// <summary>The current epoch; 0 before the first.</summary>
    public long Epoch => Epochs.Count;

    internal ImmutableHashSet<string> MemberIds { get; init; } = [];

    /// <summary>What was said of single topics, by their ids.</summary>
    internal ImmutableDictionary<string, bool> PlainTopics { get; init; } = ImmutableDictionary<string, bool>.Empty;

    /// <summary>A removal, a revoked invite or a compromised key came after the last epoch.</summary>
    internal bool RotationOwed { get; init; }

    internal bool IsTopic => Scope is not RootReference.MeshScope;

    /// <summary>The log before its first record.</summary>
    public static Membership Empty(string meshId, string scope)
    {
        WireId.ThrowIfInvalid(meshId, nameof(meshId));
        if (!RootReference.IsScope(scope))
            throw new ArgumentException("A scope is mesh or topic/<topic_id>.", nameof(scope));

        return new Membership(meshId, scope);
    }

    /// <summary>
    /// What the log says after this record, or why it may not follow. The same for everybody and at any later time: a topic's log is
    /// judged by what its workspace's log has ever said, so a record that was once good stays good.
    /// </summary>
    /// <param name="mesh">The workspace's own log, as new as there is; needed for the log of a topic only.</param>
    public LogVerdict Apply(LogRecord record, Membership? mesh = null)
    {
        LogRefusal refusal = CheckPlace(record);
        if (refusal is not LogRefusal.None)
            return refusal;

        LogVerdict verdict = new LogRules(this, record, TopicView(mesh)).Judge();
        return verdict.Next is null
            ? verdict
            : verdict.Next with { Head = new LogHead(record.Seq, record.Hash, record.Text.At) };
    }

    /// <summary>
    /// What a broker asks before it appends: all the records, in their order, or none. <see cref="LogRefusal.NotNext"/> of the first means
    /// that somebody was quicker; its author reads on and drafts anew.
    /// </summary>
    /// <param name="now">Milliseconds since 1970. A time far ahead would hold for everybody who writes later, so it is not let in.</param>
    public LogVerdict Append(IEnumerable<SignedRecord> batch, long now, Membership? mesh = null)
    {
        long latest = now + (long)MessageSeal.ClockAheadMax.TotalMilliseconds;
        Membership state = this;
        foreach (SignedRecord signed in batch)
        {
            LogRefusal refusal = LogRecord.TryRead(signed, out LogRecord? record);
            if (refusal is LogRefusal.None)
                refusal = record!.Text.At > latest ? LogRefusal.TimeAhead : state.CheckNow(record, mesh);
            if (refusal is not LogRefusal.None)
                return refusal;

            LogVerdict verdict = state.Apply(record!, mesh);
            if (verdict.Next is null)
                return verdict;
            state = verdict.Next;
        }

        return state;
    }

    /// <summary>
    /// What an append must keep besides <see cref="Apply"/>, and only while it is new: in a topic, that author and admitted key are
    /// members of the workspace now. The author of a key change is there under his new key already.
    /// </summary>
    internal LogRefusal CheckNow(LogRecord record, Membership? mesh = null)
    {
        if (TopicView(mesh) is not { } view)
            return LogRefusal.None;

        PublicKey author = record.Body is LogBody.KeyChange change ? change.NewKey : record.Author;
        bool inWorkspace = view.Members.ContainsKey(author) && (record.Body is not LogBody.Admit admit || view.Members.ContainsKey(admit.Key));
        return inWorkspace ? LogRefusal.None : LogRefusal.NotInWorkspace;
    }

    private LogRefusal CheckPlace(LogRecord record)
    {
        if (record.Text.MeshId != MeshId || record.Text.Scope != Scope)
            return LogRefusal.WrongScope;
        if (record.Seq != Head.Seq + 1 || record.Text.Previous != Head.Hash)
            return LogRefusal.NotNext;
        if (record.Text.At < Head.At)
            return LogRefusal.TimeFell;
        return record.Body is LogBody.Genesis == (record.Seq == 1) ? LogRefusal.None : LogRefusal.NotGenesis;
    }

    /// <exception cref="ArgumentException">A topic's log cannot be judged without its workspace's.</exception>
    private Membership? TopicView(Membership? mesh)
    {
        if (!IsTopic)
            return null;
        return mesh is { IsTopic: false } && mesh.MeshId == MeshId
            ? mesh
            : throw new ArgumentException("The log of a topic is judged by the log of its workspace.", nameof(mesh));
    }
}

/// <param name="MemberId">The broker's row; one key's for ever, and then its successors'.</param>
public sealed record LogMember(string MemberId, LogRole Role, MemberKind Kind);

/// <summary>What the log has said of one key.</summary>
/// <param name="Stays">When it was a member, oldest first.</param>
/// <param name="Followers">Every key that ever took its place by its own signature. It only grows, so a topic can be judged by it at any time.</param>
/// <param name="Successor">The one of them that has its place now; null while it is a member itself, and after a removal.</param>
/// <param name="WasLost">It was removed, or given up as compromised, at some time.</param>
public sealed record KeyPast(
    string MemberId, ImmutableList<Stay> Stays, ImmutableHashSet<PublicKey> Followers, PublicKey? Successor = null, bool WasLost = false);

/// <summary>A time as a member, both ends included; null ends are open.</summary>
public readonly record struct Stay(long FromEpoch, long FromAt, long? UntilEpoch, long? UntilAt);

/// <param name="Ended">Revoked, or ended by a removal.</param>
public sealed record LogInvite(PublicKey Key, LogRole Role, long UsesMax, long Uses, long ExpiresAt, bool Ended = false)
{
    public bool IsOpenAt(long at) => !Ended && Uses < UsesMax && at < ExpiresAt;
}

/// <summary>The state after a record, or the reason why there is none.</summary>
public readonly record struct LogVerdict(LogRefusal Refusal, Membership? Next)
{
    public static implicit operator LogVerdict(LogRefusal refusal) => new(refusal, null);

    public static implicit operator LogVerdict(Membership next) => new(LogRefusal.None, next);
}
