using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>
/// The outbox of a member's daemon: a window of letters on the way, and after a refusal for now one letter to see, then the rest. It must be accepted
/// in the order in which it was written, by address and lane, whatever happens to its connection and to the broker.
/// </summary>
internal sealed class DaemonOutbox(Dice dice, Func<long> nextTicket)
{
    private const int WindowMax = 8;
    private const long SourceBase = 2_000_000;
    private static readonly Address Anybody = new Address.Tag("anybody");

    private readonly List<Letter> letters = [];
    private readonly Dictionary<long, Letter> awaited = [];
    private readonly HashSet<long> abandoned = [];
    private readonly Dictionary<Address, Hold> holds = [];
    private readonly Dictionary<(Address, Lane), SortedList<long, long>> positions = [];
    private ConnectionNo connection = new(SourceBase + nextTicket());
    private long written;

    public bool IsQuiet => letters.Count == 0;

    public int Waiting => letters.Count(letter => letter.State == LetterState.Waiting);

    public void Add(Letter letter)
    {
        letter.Index = ++written;
        letters.Add(letter);
    }

    /// <summary>As the daemon does it: oldest first, past those that are held back.</summary>
    public void Fill(BrokerNode node, bool mayBeTurnedAway)
    {
        foreach (Letter letter in letters)
        {
            if (awaited.Count == WindowMax || !MayGo(Anybody))
                return;
            if (letter.State != LetterState.Waiting || !MayGo(letter.To))
                continue;
            Note(Anybody, letter);
            Note(letter.To, letter);
            Send(letter, node, isTurnedAway: mayBeTurnedAway && dice.OneIn(12));
        }
    }

    /// <summary>What was held back has waited long enough.</summary>
    public void WaitEnough()
    {
        foreach ((Address key, Hold hold) in holds.ToList())
            holds[key] = hold with { Probing = true };
    }

    /// <summary>Somebody thinks better of it before it has gone.</summary>
    public void Withdraw()
    {
        if (letters.FindIndex(letter => letter.State == LetterState.Waiting) is var index and >= 0)
            letters.RemoveAt(index);
    }

    /// <summary>The connection is lost. The broker may still read what was on its way, and learns of the loss after that.</summary>
    public void Lose(BrokerNode node, bool wasRead)
    {
        if (!wasRead)
            node.Unsay(connection.Value);
        node.Post(connection.Value, new Detach(connection));
        Forget();
    }

    /// <summary>Nothing is known any more of what is on its way.</summary>
    public void Forget()
    {
        foreach ((long ticket, Letter letter) in awaited)
        {
            abandoned.Add(ticket);
            letter.State = LetterState.Waiting;
        }

        awaited.Clear();
        holds.Clear();
        connection = new ConnectionNo(SourceBase + nextTicket());
    }

    /// <returns>The letter that was answered; null when nobody listens any more.</returns>
    public Letter? Take(long ticket, out bool isMine)
    {
        isMine = awaited.Remove(ticket, out Letter? letter);
        isMine |= abandoned.Remove(ticket);
        return letter;
    }

    public void HearAccepted(Letter letter, MessageRef id, bool isInOrder)
    {
        letters.Remove(letter);
        Lift(Anybody, letter);
        Lift(letter.To, letter);
        if (!positions.TryGetValue((letter.To, letter.Lane), out SortedList<long, long>? line))
            positions.Add((letter.To, letter.Lane), line = []);
        line[letter.Index] = id.Position;
        int at = line.IndexOfKey(letter.Index);
        bool isAfterEarlier = at == 0 || line.GetValueAtIndex(at - 1) < id.Position;
        bool isBeforeLater = at == line.Count - 1 || id.Position < line.GetValueAtIndex(at + 1);
        if (isInOrder && (!isAfterEarlier || !isBeforeLater))
            throw new SimulationFailure($"letter {letter.Index} of member {letter.Sender.Value} is at {id.Position}, out of the order in which they were written: {string.Join(", ", line)}");
    }

    public void HearRefused(Letter letter, MeshError error)
    {
        if (!error.Retryable)
        {
            letters.Remove(letter);
            Lift(Anybody, letter);
            Lift(letter.To, letter);
            return;
        }

        letter.State = LetterState.Waiting;
        Address key = error == MeshError.MailboxFull ? letter.To : Anybody;
        if (key != Anybody)
            Lift(Anybody, letter);
        else if (holds.TryGetValue(letter.To, out Hold probed) && probed.Probe == letter)
            holds[letter.To] = probed with { Probe = null };
        if (!holds.TryGetValue(key, out Hold hold) || hold.Probe == letter)
            holds[key] = new Hold(Probing: false, Probe: null);
    }

    private void Send(Letter letter, BrokerNode node, bool isTurnedAway)
    {
        long ticket = nextTicket();
        letter.State = LetterState.Sent;
        awaited.Add(ticket, letter);
        BrokerNode.Trace?.WriteLine($"ticket {ticket} is letter {letter.Index} of member {letter.Sender.Value} to {letter.To} {letter.Lane}");
        Submit submit = letter.Submit(ticket, connection);
        node.Post(connection.Value, isTurnedAway ? new TurnAway(submit.Origin, submit.Key, MeshError.RateLimit) : submit);
    }

    private bool MayGo(Address key) => !holds.TryGetValue(key, out Hold hold) || hold is { Probing: true, Probe: null };

    private void Note(Address key, Letter letter)
    {
        if (holds.TryGetValue(key, out Hold hold))
            holds[key] = hold with { Probe = letter };
    }

    private void Lift(Address key, Letter letter)
    {
        if (holds.TryGetValue(key, out Hold hold) && hold.Probe == letter)
            holds.Remove(key);
    }

    private readonly record struct Hold(bool Probing, Letter? Probe);
}
