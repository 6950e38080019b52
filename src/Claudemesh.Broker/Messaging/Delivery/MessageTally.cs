using System.Collections.Immutable;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Something that became of a message at one recipient; <paramref name="Progress"/> when the recipient said so.</summary>
internal sealed record TallyChange(MailboxNo Mailbox, OutcomeState State, Progress? Progress);

/// <summary>What became of one message at each of its recipients. States only rise, and terminal ones stay.</summary>
internal sealed class MessageTally(MessageRef message, MemberNo sender, int recipients)
{
    private readonly Dictionary<MailboxNo, OutcomeState> states = [];
    private ImmutableArray<(MailboxNo Recipient, MailboxNo Heir)> heirs = [];
    private int delivered;
    private int surfaced;
    private int read;
    private int refused;
    private int expired;

    public MessageRef Message { get; } = message;

    public MemberNo Sender { get; } = sender;

    /// <summary>Changes that wait for the store's answer; null when there is nothing to wait for.</summary>
    public List<TallyChange>? Asked { get; set; }

    /// <summary>Something changed in the store while it was being asked: its answer may be older.</summary>
    public bool MustAskAgain { get; set; }

    /// <summary>Signed states that are counted and not yet durable.</summary>
    public int Uncommitted { get; set; }

    public bool HasChanged { get; set; }

    public Instant TouchedAt { get; set; }

    public LinkedListNode<MessageTally>? Place { get; set; }

    /// <summary>
    /// A message to everybody may be for more than it was when it was accepted: somebody joined in that moment, or was
    /// removed then and has been let in again since.
    /// </summary>
    public Tally Count => new(Math.Max(recipients, states.Count), delivered, surfaced, read, refused, expired);

    /// <summary>Everybody has it, or will not get it.</summary>
    public bool IsSettled => delivered + refused + expired >= Math.Max(recipients, states.Count);

    public void Begin(ReadOnlySpan<MailboxNo> mailboxes)
    {
        foreach (MailboxNo mailbox in mailboxes)
            states[mailbox] = default;
    }

    public void Load(Outcomes answer)
    {
        Asked = null;
        heirs = answer.Heirs;
        foreach ((MailboxNo mailbox, Outcome? outcome) in answer.Recipients)
        {
            states.TryAdd(mailbox, default);
            if (outcome is not null)
                TryRaiseOne(mailbox, outcome.State);
        }
    }

    /// <summary>Of a copy that has moved only its heir says what becomes of it, as in the store.</summary>
    /// <returns>False when the mailbox is not a recipient nor the heir of one, or its state is already as high.</returns>
    public bool TryRaise(MailboxNo mailbox, OutcomeState state)
    {
        bool hasMoved = heirs.Any(one => one.Recipient == mailbox);
        bool raised = !hasMoved && TryRaiseOne(mailbox, state);
        foreach ((MailboxNo recipient, MailboxNo heir) in heirs)
        {
            if (heir == mailbox)
                raised |= TryRaiseOne(recipient, state);
        }

        return raised;
    }

    private bool TryRaiseOne(MailboxNo mailbox, OutcomeState state)
    {
        if (!states.TryGetValue(mailbox, out OutcomeState before) || !Rises(before, state))
            return false;

        states[mailbox] = state;
        Add(before, -1);
        Add(state, 1);
        return true;
    }

    private static bool Rises(OutcomeState before, OutcomeState after) => after switch
    {
        OutcomeState.Delivered or OutcomeState.Surfaced or OutcomeState.Read => before is default(OutcomeState) || (before < after && before <= OutcomeState.Surfaced),
        OutcomeState.Refused => before is default(OutcomeState) or OutcomeState.Delivered or OutcomeState.Surfaced,
        OutcomeState.Expired => before is default(OutcomeState),
        _ => false,
    };

    private void Add(OutcomeState state, int count)
    {
        delivered += state is OutcomeState.Delivered or OutcomeState.Surfaced or OutcomeState.Read ? count : 0;
        surfaced += state is OutcomeState.Surfaced or OutcomeState.Read ? count : 0;
        read += state is OutcomeState.Read ? count : 0;
        refused += state is OutcomeState.Refused ? count : 0;
        expired += state is OutcomeState.Expired ? count : 0;
    }
}
