using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Which mailboxes an address reaches, and whether they may take one more message. Chooses for one submission at a time.</summary>
internal sealed class Recipients(Turn turn, Mailboxes mailboxes)
{
    private readonly List<Addressee> expanded = [];
    private readonly HashSet<MailboxNo> seen = [];
    private readonly List<Mailbox> chosen = [];

    /// <summary>Recipients of the submission that was chosen for last; those whose mailbox is full are among them.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a submission can be decided now: all its mailboxes are known, and none has an earlier one waiting.</summary>
    /// <param name="drain">While parked submissions are gone through: that round's number. Otherwise 0.</param>
    public bool AreKnown(Pending pending, long drain = 0)
    {
        if (pending.Submit.To is Address.Direct direct)
            return IsKnown(mailboxes.Touch(direct.Mailbox), drain);
        if (pending.Submit.To is Address.Everyone everyone)
            return IsKnown(mailboxes.Touch(everyone.Mailbox), drain);
        if (pending.Submit.To is Address.Topic topic)
            return !turn.Topics.ContainsKey(topic.Mailbox) || IsKnown(mailboxes.Touch(topic.Mailbox), drain);

        bool known = true;
        Expand(pending);
        foreach (Addressee addressee in expanded)
            known &= IsKnown(mailboxes.Touch(addressee.Mailbox), drain);
        return known;
    }

    public void Park(Pending pending, long drain)
    {
        pending.ParkedAt = [];
        if (pending.Submit.To is Address.Direct direct)
            pending.ParkedAt.Add(mailboxes.Touch(direct.Mailbox));
        else if (pending.Submit.To is Address.Everyone everyone)
            pending.ParkedAt.Add(mailboxes.Touch(everyone.Mailbox));
        else if (pending.Submit.To is Address.Topic topic)
            pending.ParkedAt.Add(mailboxes.Touch(topic.Mailbox));
        else
            pending.ParkedAt.AddRange(ExpandForGood(pending).Select(addressee => mailboxes.Touch(addressee.Mailbox)));

        foreach (Mailbox box in pending.ParkedAt)
        {
            box.Parked++;
            box.ParkedAgainIn = drain;
        }
    }

    public static void Unpark(Pending pending)
    {
        foreach (Mailbox box in pending.ParkedAt ?? [])
            box.Parked--;
        pending.ParkedAt = null;
    }

    /// <returns>Why the submission is refused, or null.</returns>
    public MeshError? Choose(Pending pending)
    {
        chosen.Clear();
        return pending.Submit.To switch
        {
            Address.Direct direct => ChooseOne(pending, direct),
            Address.Everyone everyone => ChooseEveryone(pending, everyone),
            Address.Topic topic => ChooseTopic(pending, topic),
            _ => ChooseMany(pending),
        };
    }

    /// <summary>Makes the entries of the submission that was chosen for last.</summary>
    public ImmutableArray<Entry> Enter(Message message)
    {
        Entry[] entries = new Entry[chosen.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            Mailbox box = chosen[i];
            box.Uncommitted++;
            box.AddWaiting(message.Sender, message.Envelope.Size);
            entries[i] = new Entry(box.No, message.Lane, message.Id.Position);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(entries);
    }

    private static bool IsKnown(Mailbox box, long drain) =>
        box.Loaded && (drain == 0 ? box.Parked == 0 : box.ParkedAgainIn != drain);

    private MeshError? ChooseOne(Pending pending, Address.Direct direct)
    {
        Count = 1;
        MemberNo sender = pending.Sender;
        if (turn.Directory.Removed.Contains(direct.Owner))
            return MeshError.RecipientRemoved;

        if (direct.Mailbox == pending.Submit.Origin.Session)
            return MeshError.OwnSession;
        if (turn.Directory.DeniesDirect(direct.Owner, sender, pending.Submit.Envelope.SenderKey))
            return MeshError.BlockedByGrants;

        Mailbox box = mailboxes.Touch(direct.Mailbox);
        if (box.IsFullFor(sender, pending.Size, turn.Bounds))
            return MeshError.MailboxFull;
        chosen.Add(box);
        return null;
    }

    private MeshError? ChooseEveryone(Pending pending, Address.Everyone everyone)
    {
        expanded.Clear();
        foreach (Addressee member in turn.Directory.Members)
        {
            if (MayReach(member, pending.Sender))
                expanded.Add(member);
        }

        Count = expanded.Count;
        KeepForTally(pending);
        chosen.Add(mailboxes.Touch(everyone.Mailbox));
        return null;
    }

    /// <summary>
    /// Its bound is its retention, not what waits: nobody empties it. Whoever is in it is a recipient, but for the sender.
    /// </summary>
    private MeshError? ChooseTopic(Pending pending, Address.Topic address)
    {
        if (!turn.Topics.TryGetValue(address.Mailbox, out TopicSeats? topic))
            return MeshError.TopicNotFound;

        Seat? own = topic.Find(pending.Sender);
        if (own is null && !topic.IsPublic)
            return MeshError.TopicNotFound;
        if (!topic.IsOpen)
            return MeshError.TopicArchived;
        if (own is { MayPost: false })
            return MeshError.TopicReadOnly;

        expanded.Clear();
        foreach (Seat seat in topic.Seats)
        {
            Addressee member = new(seat.Mailbox, seat.Owner);
            if (MayReach(member, pending.Sender))
                expanded.Add(member);
        }

        Count = expanded.Count;
        KeepForTally(pending);
        chosen.Add(mailboxes.Touch(address.Mailbox));
        return null;
    }

    private MeshError? ChooseMany(Pending pending)
    {
        Expand(pending);
        if (expanded.Count > turn.Bounds.RecipientsMax)
            return MeshError.TooManyRecipients;

        Count = expanded.Count;
        pending.Refused = null;
        for (int i = 0; i < expanded.Count; i++)
        {
            Mailbox box = mailboxes.Touch(expanded[i].Mailbox);
            if (Denies(expanded[i], pending))
                (pending.Refused ??= []).Add((box.No, MeshError.BlockedByGrants.Code));
            else if (box.IsFullFor(pending.Sender, pending.Size, turn.Bounds))
                (pending.Refused ??= []).Add((box.No, MeshError.MailboxFull.Code));
            else
                chosen.Add(box);
        }

        KeepForTally(pending);
        if (Count == 0 || chosen.Count > 0)
            return null;
        return pending.Refused!.Exists(refused => refused.Reason == MeshError.MailboxFull.Code)
            ? MeshError.MailboxFull
            : MeshError.BlockedByGrants;
    }

    /// <summary>
    /// A parked multicast keeps its recipients: whoever joins meanwhile could already have been sent something later.
    /// </summary>
    private List<Addressee> ExpandForGood(Pending pending)
    {
        Expand(pending);
        return pending.Addressees = [.. expanded];
    }

    private void KeepForTally(Pending pending)
    {
        if (Count > 1)
            pending.Recipients = [.. expanded.Select(addressee => addressee.Mailbox)];
    }

    private void Expand(Pending pending)
    {
        Address address = pending.Submit.To;
        MemberNo sender = pending.Sender;
        expanded.Clear();
        seen.Clear();
        if (pending.Addressees is { } kept)
        {
            expanded.AddRange(kept.Where(addressee => MayReach(addressee, sender)));
        }
        else if (address is Address.Tag tag)
        {
            AddAll(turn.Directory.Tags.GetValueOrDefault(tag.Name), sender);
        }
        else if (address is Address.Group group)
        {
            // The directory has the members of a/b under a too; whoever is in a alone is not in a/b.
            AddAll(turn.Directory.Groups.GetValueOrDefault(group.Name), sender);
        }
    }

    private void AddAll(ImmutableArray<Addressee> members, MemberNo sender)
    {
        if (members.IsDefault)
            return;
        foreach (Addressee member in members)
        {
            if (MayReach(member, sender) && seen.Add(member.Mailbox))
                expanded.Add(member);
        }
    }

    /// <summary>No multicast goes to a mailbox of its own sender.</summary>
    private bool MayReach(in Addressee addressee, MemberNo sender) =>
        addressee.Owner != sender && !turn.Directory.Removed.Contains(addressee.Owner);

    private bool Denies(in Addressee addressee, Pending pending) =>
        turn.Directory.DeniesBroadcast(addressee.Owner, pending.Sender, pending.Submit.Envelope.SenderKey);
}
