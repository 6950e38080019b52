using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

internal enum LetterState
{
    Waiting,
    Sent,
    Accepted,
    Refused,

    /// <summary>Sent without a name, and the answer was lost: nobody knows, and nobody asks.</summary>
    Unknown,
}

/// <summary>A message in its sender's outbox.</summary>
internal sealed class Letter(MemberNo sender, MailboxNo? session, Address to, Lane lane, ClientKey? key, Envelope envelope)
{
    public MemberNo Sender { get; } = sender;

    public MailboxNo? Session { get; } = session;

    public Address To { get; } = to;

    public Lane Lane { get; } = lane;

    public ClientKey? Key { get; } = key;

    public Envelope Envelope { get; } = envelope;

    public LetterState State { get; set; }

    public MessageRef Id { get; set; }

    /// <summary>Sent under the name of an earlier letter, with another text.</summary>
    public bool IsForgery { get; init; }

    /// <summary>Its place among what its outbox wrote.</summary>
    public long Index { get; set; }

    /// <param name="connection">The socket of a daemon, which sends again what is refused for now.</param>
    public Submit Submit(long ticket, ConnectionNo? connection = null) =>
        new(new Origin(connection, ticket, Sender, Session, Resends: connection is not null), To, Lane, Envelope, Key, ReplyTo: null, Earlier: null);
}
