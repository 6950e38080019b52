using System.Collections.Immutable;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Counts a message's outcomes as the store has them, by the rules of <see cref="Tally"/>.</summary>
internal static class OutcomeCount
{
    public static Tally Of(int recipients, ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)> outcomes)
    {
        int delivered = 0, surfaced = 0, read = 0, refused = 0, expired = 0;
        foreach ((_, Outcome? outcome) in outcomes)
        {
            switch (outcome?.State)
            {
                case OutcomeState.Read:
                    read++;
                    delivered++;
                    break;
                case OutcomeState.Surfaced:
                    surfaced++;
                    delivered++;
                    break;
                case OutcomeState.Delivered:
                    delivered++;
                    break;
                case OutcomeState.Refused:
                    refused++;
                    break;
                case OutcomeState.Expired:
                    expired++;
                    break;
            }
        }

        return new Tally(Math.Max(recipients, outcomes.Length), delivered, surfaced, read, refused, expired);
    }
}
