using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>A member's place in a topic, from when it joins until it leaves; who joins again gets another.</summary>
/// <param name="Mailbox">Nothing ever lies in it: the member's readers have their cursors under its number, and receipts name it.</param>
internal readonly record struct Seat(MailboxNo Mailbox, MemberNo Owner, TopicRole Role)
{
    public bool MayPost => Role is not TopicRole.Observer;
}

/// <summary>
/// A topic as the core needs it, at one moment: never changed. What is posted is one entry in its mailbox, which is its history as well.
/// </summary>
/// <param name="mailbox">The topic's mailbox.</param>
/// <param name="isPublic">Whoever is a member of the workspace may post, seat or not.</param>
/// <param name="isOpen">False once it is archived: nobody posts.</param>
/// <param name="seats">In the order of their owners' numbers; at most one each.</param>
internal sealed class TopicSeats(MailboxNo mailbox, bool isPublic, bool isOpen, ImmutableArray<Seat> seats)
{
    public MailboxNo Mailbox { get; } = mailbox;

    public bool IsPublic { get; } = isPublic;

    public bool IsOpen { get; } = isOpen;

    public ImmutableArray<Seat> Seats { get; } = seats;

    public Seat? Find(MemberNo member)
    {
        int index = IndexOf(member);
        return index < 0 ? null : Seats[index];
    }

    public bool HasSeat(MailboxNo seat, MemberNo member) => Find(member) is { } found && found.Mailbox == seat;

    /// <summary>The same topic with this seat in place of any other of its owner.</summary>
    public ImmutableArray<Seat> With(Seat seat)
    {
        int index = IndexOf(seat.Owner);
        return index < 0 ? Seats.Insert(~index, seat) : Seats.SetItem(index, seat);
    }

    public ImmutableArray<Seat> Without(MemberNo member)
    {
        int index = IndexOf(member);
        return index < 0 ? Seats : Seats.RemoveAt(index);
    }

    private int IndexOf(MemberNo member)
    {
        int low = 0;
        int high = Seats.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            long owner = Seats[middle].Owner.Value;
            if (owner == member.Value)
                return middle;
            if (owner < member.Value)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
