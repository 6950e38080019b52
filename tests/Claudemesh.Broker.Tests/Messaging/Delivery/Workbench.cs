using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;
using Directory = Claudemesh.Broker.Messaging.Delivery.Directory;

namespace Claudemesh.Broker.Tests.Messaging.Delivery;

/// <summary>
/// A core with a log beside it, driven one input at a time. What the core asks is answered and what it writes is committed at
/// once, unless a test holds it back.
/// </summary>
internal sealed class Workbench
{
    public static readonly MailboxNo Everyone = new(1);
    public static readonly MemberNo Alice = new(11);
    public static readonly MemberNo Bob = new(12);
    public static readonly MemberNo Carol = new(13);

    private readonly List<Input> waiting = [];
    private readonly DeliveryBounds bounds;
    private long connections;
    private long tickets;

    public Workbench(DeliveryBounds? bounds = null)
    {
        this.bounds = bounds ?? new DeliveryBounds();
        Log = new ModelLog { Everyone = Everyone };
        Log.Members.AddRange([Addressee(Alice), Addressee(Bob), Addressee(Carol)]);
        Core = new DeliveryCore(new CoreStart(new MeshNo(7), Log.NextPosition, Everyone), this.bounds);
        Directory = Directory.Empty with { Members = [Addressee(Alice), Addressee(Bob), Addressee(Carol)] };
        Do(new DirectoryChanged(Directory));
    }

    public DeliveryCore Core { get; private set; }

    public ModelLog Log { get; }

    public Directory Directory { get; private set; }

    public Instant Now { get; private set; } = new(1_700_000_000_000_000);

    /// <summary>What is not answered by itself while it is set.</summary>
    public bool HoldsFacts { get; set; }

    public bool HoldsPages { get; set; }

    public bool HoldsCommits { get; set; }

    /// <summary>Everything the core wanted since the last <see cref="Forget"/>, in order.</summary>
    public List<Output> Effects { get; } = [];

    public List<Output> Writes { get; } = [];

    public List<Step> Uncommitted { get; } = [];

    public IEnumerable<Push> Pushes => Effects.OfType<Push>();

    public IEnumerable<SubmitResult> Answers => Effects.OfType<Answer>().Select(answer => answer.Result);

    public IEnumerable<Notify> Notices => Effects.OfType<Notify>();

    public static MailboxNo BoxOf(MemberNo member) => new(member.Value + 100);

    public static Addressee Addressee(MemberNo member) => new(BoxOf(member), member);

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static Address To(MemberNo member) => new Address.Direct(BoxOf(member), member);

    public ConnectionNo NewConnection() => new(++connections);

    public Submit Message(
        MemberNo from, Address to, Lane lane = Lane.Next, string? key = null, string? fingerprint = null, int size = 10,
        MailboxNo? session = null, ConnectionNo? connection = null, bool resends = false) =>
        new(
            new Origin(connection, ++tickets, from, session, resends),
            to,
            lane,
            new Envelope(new byte[32], to is Address.Group group ? "@" + group.Name : "x", 0, null, [], new byte[size]),
            key is null ? null : new ClientKey(Bytes(key), fingerprint is null ? null : Bytes(fingerprint)),
            ReplyTo: null,
            Earlier: key is null || Core.Remembers(from, Bytes(key)) ? null : Log.FindSubmission(from, Bytes(key)));

    public Attach Device(
        MemberNo member, int device = 0, ReaderKind kind = ReaderKind.Device, LaneGate gate = LaneGate.All, bool receipts = false,
        bool everyone = true, ImmutableArray<CursorAt> resume = default)
    {
        ReaderNo reader = new((member.Value * 10) + device);
        return new Attach(
            NewConnection(), reader, kind, member, gate, new Source(BoxOf(member), everyone ? Everyone : null),
            Log.CursorsOf(reader), receipts, Log.AsideOf(reader), resume);
    }

    public Attach Session(MemberNo member, MailboxNo session) =>
        new(NewConnection(), new ReaderNo(session.Value * 10), ReaderKind.Session, member, LaneGate.All, new Source(session, null),
            Log.CursorsOf(new ReaderNo(session.Value * 10)), false);

    public ConnectionNo Join(Attach attach)
    {
        Do(attach);
        return attach.Connection;
    }

    public void Do(params Input[] inputs)
    {
        waiting.AddRange(inputs);
        while (waiting.Count > 0)
        {
            Input[] batch = [.. waiting];
            waiting.Clear();
            Step step = Core.Step(batch, Now);
            Effects.AddRange(step.Effects);
            Writes.AddRange(step.Writes);
            foreach (Output effect in step.Effects)
                Answer(effect);
            if (step.NeedsCommit && HoldsCommits)
                Uncommitted.Add(step);
            else
                Commit(step);
        }
    }

    public void CommitHeld()
    {
        Step step = Uncommitted[0];
        Uncommitted.RemoveAt(0);
        Commit(step);
        Do();
    }

    public void FailHeld(Failure why = Failure.Disk)
    {
        Step step = Uncommitted[0];
        Uncommitted.RemoveAt(0);
        Do(new CommitFailed(step.No, why));
    }

    public void AnswerFacts()
    {
        HoldsFacts = false;
        foreach (Ask ask in Effects.OfType<Ask>().ToList())
            Do(new MailboxFacts(ask.Mailbox, Log.Facts(ask.Mailbox)));
    }

    public void AnswerPages()
    {
        HoldsPages = false;
        foreach (Fetch fetch in Effects.OfType<Fetch>().ToList())
            Do(Log.Read(fetch));
    }

    public void Acknowledge(Push push) => Do(new Acknowledge(push.Connection, push.Message.Id, null, push.Reader));

    /// <summary>Acknowledges every push, those too that come because of it.</summary>
    public void AcknowledgeAll()
    {
        for (int i = 0; Pushes.ElementAtOrDefault(i) is { } push; i++)
            Acknowledge(push);
    }

    public void Wait(TimeSpan time)
    {
        Now += time;
        Do(new Tick(Now));
    }

    public void Change(Func<Directory, Directory> change)
    {
        Directory = change(Directory);
        Do(new DirectoryChanged(Directory));
    }

    /// <summary>The broker dies and starts again; what was not committed is gone, connections too.</summary>
    public void Crash()
    {
        waiting.Clear();
        Uncommitted.Clear();
        Core = new DeliveryCore(new CoreStart(new MeshNo(7), Log.NextPosition, Everyone), bounds);
        Do(new DirectoryChanged(Directory));
    }

    public void Forget()
    {
        Effects.Clear();
        Writes.Clear();
    }

    private void Commit(Step step)
    {
        Log.Apply(step);
        if (step.NeedsCommit)
            waiting.Add(new Committed(step.No));
    }

    private void Answer(Output effect)
    {
        if (effect is Ask ask && !HoldsFacts)
            waiting.Add(new MailboxFacts(ask.Mailbox, Log.Facts(ask.Mailbox)));
        else if (effect is Fetch fetch && !HoldsPages)
            waiting.Add(Log.Read(fetch));
        else if (effect is AskOutcomes outcomes)
            waiting.Add(Log.OutcomesOf(outcomes.Message));
    }
}
