using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>What a delivery log promises, in memory and in the plainest way: rows, applied a step at a time, all or nothing.</summary>
internal sealed class ModelLog
{
    private readonly Dictionary<(MailboxNo, Lane), List<(long Position, MessageRef Message)>> entries = [];
    private readonly Dictionary<ReaderNo, (MailboxNo Source, long[] Through)> cursors = [];
    private readonly Dictionary<(MemberNo, string), Known> submissions = [];
    private readonly Dictionary<ReaderNo, List<(Entry Entry, MessageRef Message)>> aside = [];
    private readonly Dictionary<(MessageRef, MailboxNo), Outcome> outcomes = [];

    private readonly HashSet<MessageRef> moved = [];
    private readonly Dictionary<MessageRef, HashSet<MailboxNo>> addressed = [];

    /// <summary>Recipients of a broadcast; a real log takes them from its table of members.</summary>
    public List<Addressee> Members { get; } = [];

    public MailboxNo Everyone { get; init; }

    /// <summary>Who is in which topic; a real log takes them from its table of seats.</summary>
    public Topics? Topics { get; init; }

    private readonly Dictionary<MessageRef, Seat[]> seated = [];

    /// <summary>Posts that their topic's history no longer has.</summary>
    public HashSet<MessageRef> Forgotten { get; } = [];

    public Dictionary<MessageRef, Message> Messages { get; } = [];

    public Dictionary<(MessageRef Message, MailboxNo Mailbox), Outcome> Outcomes => outcomes;

    public long NextPosition { get; set; } = 1;

    /// <summary>A copy that later writes do not touch: a backup.</summary>
    public ModelLog Copy()
    {
        ModelLog copy = new() { Everyone = Everyone, NextPosition = NextPosition, Topics = Topics };
        copy.Forgotten.UnionWith(Forgotten);
        foreach (var (message, seats) in seated)
            copy.seated.Add(message, seats);
        copy.Members.AddRange(Members);
        copy.moved.UnionWith(moved);
        foreach (var (message, mailboxes) in addressed)
            copy.addressed.Add(message, [.. mailboxes]);
        foreach (var (key, rows) in entries)
            copy.entries.Add(key, [.. rows]);
        foreach (var (key, (source, through)) in cursors)
            copy.cursors.Add(key, (source, [.. through]));
        foreach (var (key, known) in submissions)
            copy.submissions.Add(key, known);
        foreach (var (key, rows) in aside)
            copy.aside.Add(key, [.. rows]);
        foreach (var (key, outcome) in outcomes)
            copy.outcomes.Add(key, outcome);
        foreach (var (key, message) in Messages)
            copy.Messages.Add(key, message);
        return copy;
    }

    public void Apply(Step step)
    {
        foreach (Output write in step.Writes)
            Apply(write);
    }

    public LaneFacts Facts(MailboxNo mailbox)
    {
        long[] last = new long[3];
        long[] delivered = new long[3];
        long bytes = 0;
        Dictionary<MemberNo, int> waiting = [];
        List<MessageRef> ahead = [];
        foreach (var (source, through) in cursors.Values)
        {
            for (int lane = 0; source == mailbox && lane < 3; lane++)
                delivered[lane] = Math.Max(delivered[lane], through[lane]);
        }

        for (int lane = 0; lane < 3; lane++)
        {
            foreach ((long position, MessageRef id) in Rows(mailbox, (Lane)lane))
            {
                last[lane] = position;
                if (position <= delivered[lane])
                    continue;
                Message message = Messages[id];
                waiting[message.Sender] = waiting.GetValueOrDefault(message.Sender) + 1;
                bytes += message.Envelope.Size;
                if (HasSpoken(mailbox, id))
                    ahead.Add(id);
            }
        }

        return new LaneFacts([.. last], [.. delivered], [.. waiting.Select(pair => (pair.Key, pair.Value))], bytes)
        {
            Ahead = [.. ahead],
            Aside = [.. outcomes.Where(row => row.Key.Item2 == mailbox && row.Value.State == OutcomeState.SetAside).SelectMany(row => PositionsOf(row.Key.Item1, mailbox))],
        };
    }

    public Page Read(Fetch fetch)
    {
        List<Stored> found = [];
        List<(long Position, MessageRef Message)> own = Rows(fetch.Source.Mailbox, fetch.Lane);
        List<(long Position, MessageRef Message)> all = fetch.Source.Shared is { } everyone ? Rows(everyone, fetch.Lane) : [];
        int i = After(own, fetch.After);
        int j = After(all, fetch.After);
        while (found.Count < fetch.Limit && (i < own.Count || j < all.Count))
        {
            bool takeOwn = j >= all.Count || (i < own.Count && own[i].Position < all[j].Position);
            (long position, MessageRef id) = takeOwn ? own[i++] : all[j++];
            if (position > fetch.AsOf)
                break;
            found.Add(new Stored(new Entry(takeOwn ? fetch.Source.Mailbox : fetch.Source.Shared!.Value, fetch.Lane, position), Messages[id]));
        }

        return new Page(fetch.No, [.. found], found.Count == fetch.Limit);
    }

    public ImmutableArray<Stored> Between(ReaderNo reader, Source source, Lane lane, long after, long through) =>
        Read(new Fetch(default, reader, source, lane, after, through, int.MaxValue)).Entries;

    public ImmutableArray<CursorAt> CursorsOf(ReaderNo reader) =>
        cursors.TryGetValue(reader, out var at)
            ? [.. Enumerable.Range(0, 3).Select(lane => new CursorAt(at.Source, (Lane)lane, at.Through[lane]))]
            : [];

    public void SetCursor(ReaderNo reader, MailboxNo source, Lane lane, long through)
    {
        if (!cursors.TryGetValue(reader, out var at))
            cursors.Add(reader, at = (source, new long[3]));
        at.Through[(int)lane] = Math.Max(at.Through[(int)lane], through);
    }

    public ImmutableArray<Stored> AsideOf(ReaderNo reader) =>
        aside.TryGetValue(reader, out var rows)
            ? [.. rows.Where(row => Rows(row.Entry.Mailbox, row.Entry.Lane).Exists(entry => entry.Position == row.Entry.Position))
                .Take(256).Select(row => new Stored(row.Entry, Messages[row.Message]))]
            : [];

    public Known? FindSubmission(MemberNo sender, byte[] clientId) =>
        submissions.GetValueOrDefault((sender, Convert.ToHexString(clientId)));

    public Outcomes OutcomesOf(MessageRef message)
    {
        List<(MailboxNo, Outcome?)> result = [];
        foreach (MailboxNo mailbox in RecipientsOf(message))
            result.Add((mailbox, OutcomeOf(message, mailbox)));
        return new Outcomes(message, [.. result], [.. HeirsOf(message).Select(one => (one.Recipient, one.Heir.Mailbox))]);
    }

    /// <summary>Entries of a mailbox that nobody has, in the order of their positions.</summary>
    public ImmutableArray<Stored> Waiting(MailboxNo mailbox)
    {
        LaneFacts facts = Facts(mailbox);
        return [.. Enumerable.Range(0, 3)
            .SelectMany(lane => Rows(mailbox, (Lane)lane)
                .Where(row => row.Position > facts.DeliveredThrough[lane])
                .Select(row => new Stored(new Entry(mailbox, (Lane)lane, row.Position), Messages[row.Message])))
            .OrderBy(stored => stored.Entry.Position)];
    }

    /// <summary>Those of them whose reader has not said what became of them.</summary>
    public ImmutableArray<Stored> Movable(MailboxNo mailbox) =>
    [
        .. Waiting(mailbox).Where(stored => !HasSpoken(mailbox, stored.Message.Id)),
    ];

    /// <summary>Retention: the entries go and their receipts say so.</summary>
    public ImmutableArray<Lapsed> Expire(MailboxNo mailbox, Instant now)
    {
        List<Lapsed> lapsed = [];
        foreach (Stored stored in Waiting(mailbox))
        {
            if (stored.Message.ExpiresAt > now)
                continue;
            Remove(stored.Entry);
            bool isSecond = stored.Entry.Position != stored.Message.Id.Position && addressed[stored.Message.Id].Contains(mailbox)
                && OutcomeOf(stored.Message.Id, mailbox) is { State: not OutcomeState.SetAside };
            if (!isSecond)
                Record(stored.Message.Id, mailbox, new Outcome(OutcomeState.Expired, now, null, null));
            lapsed.Add(new Lapsed(stored.Entry, stored.Message.Id, stored.Message.Sender, stored.Message.Recipients, stored.Message.Envelope.Size));
        }

        return [.. lapsed];
    }

    /// <summary>Retention of a topic: its oldest posts go, whoever has them.</summary>
    public ImmutableArray<Lapsed> Forget(MailboxNo topic, int most)
    {
        List<Lapsed> lapsed = [];
        for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
        {
            foreach ((long position, MessageRef id) in Rows(topic, lane).Take(most).ToList())
            {
                Message message = Messages[id];
                Entry entry = new(topic, lane, position);
                Remove(entry);
                Forgotten.Add(id);
                lapsed.Add(new Lapsed(entry, id, message.Sender, message.Recipients, message.Envelope.Size));
            }
        }

        return [.. lapsed];
    }

    public bool Holds(MailboxNo mailbox, Lane lane, long position) =>
        Rows(mailbox, lane).Exists(row => row.Position == position);

    public bool WasMoved(MessageRef message) => moved.Contains(message);

    private static bool IsTopic(MailboxNo mailbox) => mailbox == Simulation.Topics.Public || mailbox == Simulation.Topics.Private;

    private bool HasSpoken(MailboxNo mailbox, MessageRef message) =>
        outcomes.GetValueOrDefault((message, mailbox)) is { State: OutcomeState.Surfaced or OutcomeState.Read or OutcomeState.Refused };

    private static int After(List<(long Position, MessageRef Message)> rows, long position)
    {
        int low = 0;
        int high = rows.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (rows[middle].Position <= position)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void Apply(Output write)
    {
        switch (write)
        {
            case Append append:
                Messages.Add(append.Message.Id, append.Message);
                if (append.Message.Key is { } key)
                    submissions.Add((append.Message.Sender, Convert.ToHexString(key.Id)), new Known(append.Message.Id, key.Fingerprint, append.Message.Recipients));
                addressed.Add(append.Message.Id, [.. append.Entries.Select(entry => entry.Mailbox)]);
                seated[append.Message.Id] = [.. append.Entries.Where(entry => IsTopic(entry.Mailbox)).SelectMany(entry => Topics!.Get(entry.Mailbox).Seats)];
                foreach (Entry entry in append.Entries)
                    Insert(entry, append.Message.Id);
                NextPosition = Math.Max(NextPosition, append.Message.Id.Position + 1);
                break;
            case MoveEntry move:
                moved.Add(move.Message);
                Remove(move.From);
                Insert(move.To, move.Message);
                NextPosition = Math.Max(NextPosition, move.To.Position + 1);
                break;
            case MoveCursor cursor:
                SetCursor(cursor.Reader, cursor.Source, cursor.Lane, cursor.Through);
                break;
            case RecordOutcome record:
                if (record.Outcome is { State: OutcomeState.Refused, Proof: null })
                    addressed[record.Message].Add(record.Mailbox);
                Record(record.Message, record.Mailbox, record.Outcome);
                break;
            case SetAside set:
                if (!aside.TryGetValue(set.Reader, out var rows))
                    aside.Add(set.Reader, rows = []);
                rows.Add((set.Entry, set.Message));
                break;
            case ClearAside clear:
                if (aside.TryGetValue(clear.Reader, out var kept))
                    kept.RemoveAll(row => row.Message == clear.Message);
                break;
            default:
                throw new InvalidOperationException($"{write.GetType().Name} is not a write.");
        }
    }

    /// <summary>States only rise, final ones stay, and what a recipient has seen does not expire.</summary>
    private void Record(MessageRef message, MailboxNo mailbox, Outcome outcome)
    {
        OutcomeState before = outcomes.TryGetValue((message, mailbox), out Outcome? row) ? row.State : default;
        bool rises = before switch
        {
            default(OutcomeState) or OutcomeState.SetAside => true,
            OutcomeState.Delivered => outcome.State is OutcomeState.Surfaced or OutcomeState.Read or OutcomeState.Refused,
            OutcomeState.Surfaced => outcome.State is OutcomeState.Read or OutcomeState.Refused,
            _ => false,
        };
        if (rises)
            outcomes[(message, mailbox)] = outcome;
    }

    private List<(long Position, MessageRef Message)> Rows(MailboxNo mailbox, Lane lane)
    {
        if (!entries.TryGetValue((mailbox, lane), out var rows))
            entries.Add((mailbox, lane), rows = []);
        return rows;
    }

    private void Insert(Entry entry, MessageRef message)
    {
        List<(long Position, MessageRef Message)> rows = Rows(entry.Mailbox, entry.Lane);
        if (rows.Count > 0 && rows[^1].Position >= entry.Position)
            throw new SimulationFailure("positions in a mailbox lane do not rise");
        rows.Add((entry.Position, message));
    }

    private void Remove(Entry entry) =>
        Rows(entry.Mailbox, entry.Lane).RemoveAll(row => row.Position == entry.Position);

    private IEnumerable<long> PositionsOf(MessageRef message, MailboxNo mailbox) =>
        entries.Where(rows => rows.Key.Item1 == mailbox || rows.Key.Item1 == Everyone || IsTopic(rows.Key.Item1))
            .SelectMany(rows => rows.Value.Where(row => row.Message == message).Select(row => row.Position));

    /// <summary>Whoever a message was addressed to; of a broadcast all members but its sender.</summary>
    private IEnumerable<MailboxNo> RecipientsOf(MessageRef message)
    {
        if (Forgotten.Contains(message) || !Messages.TryGetValue(message, out Message? found))
            return [];
        SortedSet<long> recipients = [.. addressed[message].Where(mailbox => mailbox != Everyone && !IsTopic(mailbox)).Select(mailbox => mailbox.Value)];
        recipients.UnionWith(seated[message].Where(seat => seat.Owner != found.Sender).Select(seat => seat.Mailbox.Value));
        if (addressed[message].Contains(Everyone))
            recipients.UnionWith(Members.Where(member => member.Owner != found.Sender).Select(member => member.Mailbox.Value));
        return recipients.Select(value => new MailboxNo(value));
    }

    private IEnumerable<(MailboxNo Recipient, Heir Heir)> HeirsOf(MessageRef message) =>
        outcomes.Where(row => row.Key.Item1 == message && row.Value.State == OutcomeState.Refiled)
            .Select(row => (row.Key.Item2, Heir.Parse(row.Value.Reason!)));

    private Outcome? OutcomeOf(MessageRef message, MailboxNo mailbox)
    {
        Outcome? recorded = outcomes.GetValueOrDefault((message, mailbox));
        if (recorded?.State == OutcomeState.Refiled)
        {
            Heir heir = Heir.Parse(recorded.Reason!);
            Outcome? ofOwnCopy = addressed[message].Contains(heir.Mailbox) ? OutcomeOf(message, heir.Mailbox) : null;
            return ofOwnCopy is { State: not OutcomeState.SetAside } ? ofOwnCopy : OutcomeAt(message, heir.Mailbox, heir.Position);
        }

        return OutcomeAt(message, mailbox, message.Position);
    }

    private Outcome? OutcomeAt(MessageRef message, MailboxNo mailbox, long position)
    {
        if (outcomes.TryGetValue((message, mailbox), out Outcome? recorded))
            return recorded;
        return position <= Facts(mailbox).DeliveredThrough[(int)Messages[message].Lane]
            ? new Outcome(OutcomeState.Delivered, default, null, null)
            : null;
    }
}

/// <summary>A promise that was broken in a simulation.</summary>
internal sealed class SimulationFailure(string what, Exception? inner = null) : Exception(what, inner);
