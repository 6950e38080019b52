namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>A submission between its arrival and its answer.</summary>
internal sealed class Pending(Submit submit)
{
    public Submit Submit { get; } = submit;

    /// <summary>Null while it waits for the facts of a mailbox.</summary>
    public Append? Append { get; set; }

    /// <summary>Recipients of an accepted multicast that do not get it, and the code that says why.</summary>
    public List<(MailboxNo Mailbox, string Reason)>? Refused { get; set; }

    /// <summary>The recipients of a multicast, for its tally; null when there is but one.</summary>
    public MailboxNo[]? Recipients { get; set; }

    /// <summary>Whom a multicast is for, since it was parked.</summary>
    public List<Addressee>? Addressees { get; set; }

    /// <summary>The mailboxes it is parked at.</summary>
    public List<Mailbox>? ParkedAt { get; set; }

    /// <summary>Who sent the same again before the first was answered.</summary>
    public List<Origin>? Repeats { get; set; }

    /// <summary>Everybody who is to be answered.</summary>
    public IEnumerable<Origin> Origins => [Submit.Origin, .. Repeats ?? []];

    public MemberNo Sender => Submit.Origin.Member;

    public int Size => Submit.Envelope.Size;
}
