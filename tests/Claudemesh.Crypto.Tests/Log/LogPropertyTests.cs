using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using CsCheck;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>Histories made at random: whoever reads the records ends at the same state, and nobody is led anywhere else.</summary>
public sealed class LogPropertyTests
{
    private static readonly Gen<(int Who, int What, int Whom)[]> Histories =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 9], Gen.Int[0, 5]).Array[1, 25];

    private static readonly (SignedRecord[] Records, Digest Pin) Sample = MakeSample();

    [Fact]
    public void Clients_that_read_in_any_pages_and_hold_any_roots_converge() => Gen.Select(Histories, Gen.Int[1, 7]).Sample(
        (steps, page) =>
        {
            using Team team = new();
            List<Person> people = [team.Owner];
            foreach ((int who, int what, int whom) in steps)
                Step(team, people, people[who % people.Count], what, people[whom % people.Count]);

            Membership truth = team.Broker.State;
            HeldLog paged = new(Vectors.Mesh, "mesh", truth.Pin);
            foreach (SignedRecord[] records in team.Broker.Records.Chunk(page))
                paged.Read(records);
            AssertSame(truth, paged.State);

            // Every member that still is one, and only those, reads the newest epoch; and all of them the same roots.
            team.Pull(team.Owner);
            foreach (Person person in people)
            {
                team.Pull(person);
                AssertSame(truth, person.Log.State);
                RootKey? newest = person.Roots.Find(truth, truth.Epoch);
                if (truth.Members.ContainsKey(person.Public))
                    Assert.Equal(truth.FindRoot(truth.Epoch), newest!.Reference);
                else if (!truth.IsRotationDue())
                    Assert.Null(newest);
            }
        },
        seed: "0000KoIPAcL1",
        iter: 150,
        threads: 1);

    [Fact]
    public void A_spoilt_log_leads_a_client_to_no_state_that_the_true_one_never_had() => Gen.Select(
        Gen.Int[0, Sample.Records.Length - 1], Gen.Int[0, Sample.Records.Length - 1], Gen.Int[0, 5], Gen.Int[0, 4000], Gen.Byte).Sample(
        (at, other, kind, position, value) =>
        {
            List<SignedRecord> spoilt = [.. Sample.Records];
            Spoil(spoilt, at, other, kind, position, value);

            HeldLog log = new(Vectors.Mesh, "mesh", Sample.Pin);
            LogReading reading = log.Read(spoilt);
            Assert.Equal(reading is LogReading.Forked, log.Fork is not null);
            return TrueHashes[(int)log.State.Head.Seq] == log.State.Head.Hash;
        },
        seed: "0000KoIPAcL2",
        iter: 3_000,
        threads: 1);

    [Fact]
    public void Bytes_at_random_are_refused_and_nothing_is_thrown() => Gen.Select(
        Gen.Int[0, Sample.Records.Length - 1], Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[1, 4], Gen.Int[0, 40]).Sample(
        (at, changes, cut) =>
        {
            byte[] bytes = [.. Sample.Records[at].Record];
            foreach ((int position, byte value) in changes)
                bytes[position % bytes.Length] ^= value;
            bytes = bytes[..(bytes.Length - cut * bytes.Length / 100)];

            // Read, it is what its writer would have written: nothing has two forms.
            if (LogRecordText.TryParse(bytes, out LogRecordText text))
            {
                Assert.Equal(bytes, SignedBytes.Of(text));
                if (LogBody.TryParse(text.Type, text.Body.Span, out LogBody? body))
                    Assert.Equal(text.Body.ToArray(), SignedBytes.Of(body!));
            }

            bool same = bytes.AsSpan().SequenceEqual(Sample.Records[at].Record);
            return same == (LogRecord.TryRead(Sample.Records[at] with { Record = bytes }, out _) is LogRefusal.None);
        },
        seed: "0000KoIPAcL3",
        iter: 10_000,
        threads: 1);

    private static Digest[] TrueHashes { get; } =
        [default, .. Sample.Records.Select(record => LogRecord.TryRead(record, out LogRecord? read) is LogRefusal.None ? read!.Hash : default)];

    private static void Spoil(List<SignedRecord> records, int at, int other, int kind, int position, byte value)
    {
        SignedRecord record = records[at];
        switch (kind)
        {
            case 0:
                records[at] = record with { Record = Flip(record.Record, position, value) };
                break;
            case 1:
                records[at] = record with { Signature = Flip(record.Signature, position, value) };
                break;
            case 2:
                records.RemoveAt(at);
                break;
            case 3:
                (records[at], records[other]) = (records[other], records[at]);
                break;
            case 4:
                records.Insert(other, record);
                break;
            default:
                records[at] = record with { Signature = records[other].Signature };
                break;
        }
    }

    private static byte[] Flip(byte[] bytes, int position, byte value)
    {
        byte[] copy = [.. bytes];
        copy[position % copy.Length] ^= value;
        return copy;
    }

    /// <summary>One thing that somebody tries. What the rules forbid the broker refuses, and the log is as it was.</summary>
    private static void Step(Team team, List<Person> people, Person who, int what, Person whom)
    {
        LogHead before = team.Broker.State.Head;
        LogRefusal refusal = what switch
        {
            0 => Admit(team, people),
            1 => team.Do(who, new LogBody.Role(whom.Public, LogRole.Admin)),
            2 => team.Do(who, new LogBody.Role(whom.Public, LogRole.Owner)),
            3 when who.Roots.Find(team.Broker.State, team.Broker.State.Epoch) is not null => team.Remove(who, whom),
            4 => team.Do(who, new LogBody.Remove(whom.Public, "removed")),
            5 => team.Rotate(who),
            6 => team.Rotate(who, history: false),
            7 => team.Do(who, new LogBody.Policy(EncryptionRequired: false, $"topic{people.Count}", PlainIn: true)),
            8 => Join(team, people, who),
            _ => team.Do(who, new LogBody.Admit(whom.MemberId, whom.Public, LogRole.Member, MemberKind.Person)),
        };
        if (refusal is not LogRefusal.None)
            Assert.Equal(before, team.Broker.State.Head);
        SealMissingCopies(team, people);
    }

    private static LogRefusal Admit(Team team, List<Person> people)
    {
        Person fresh = team.Known(new Person($"p{people.Count}", MemberSecretKey.Generate(), pin: team.Broker.State.Pin));
        Person? owner = people.Find(person => team.Broker.State.Members.TryGetValue(person.Public, out LogMember? member) && member.Role is LogRole.Owner);
        LogRefusal refusal = team.Do(owner!, new LogBody.Admit(fresh.MemberId, fresh.Public, LogRole.Member, MemberKind.Bot));
        if (refusal is LogRefusal.None)
            people.Add(fresh);
        return refusal;
    }

    private static LogRefusal Join(Team team, List<Person> people, Person inviter)
    {
        using InviteSecret secret = InviteSecret.Generate();
        string id = $"inv{team.Broker.State.Invites.Count}";
        LogDraft draft = team.DraftOf(inviter);
        if (inviter.Roots.Find(draft.State, draft.State.Epoch) is not { } root)
            return LogRefusal.NotMember;

        LogRefusal refusal = Invitation.Draft(draft, secret, id, LogRole.Member, 2, team.Now + 1_000_000, root, out _);
        if (refusal is LogRefusal.None)
            refusal = team.Append(draft);
        if (refusal is not LogRefusal.None)
            return refusal;

        Person joiner = team.Known(new Person($"j{people.Count}", MemberSecretKey.Generate(), pin: team.Broker.State.Pin));
        draft = team.DraftOf(joiner);
        Team.AssertTaken(Joining.Draft(draft, secret, id, joiner.MemberId));
        Team.AssertTaken(team.Append(draft));
        people.Add(joiner);
        return LogRefusal.None;
    }

    /// <summary>Any holder finishes what the author of an epoch left: here for those who came or came back since.</summary>
    private static void SealMissingCopies(Team team, List<Person> people)
    {
        Membership state = team.Broker.State;
        people.ForEach(team.Pull);
        RootKey? root = people.Select(person => person.Roots.Find(state, state.Epoch)).FirstOrDefault(found => found is not null);
        foreach (PublicKey member in state.Members.Keys)
        {
            if (root is not null && !team.Broker.Copies.Exists(copy => copy.Epoch == state.Epoch && copy.Copy.Recipient == member))
                team.Broker.Copies.Add((state.Epoch, Rotation.SealCopy(root, member)));
        }
    }

    private static void AssertSame(Membership expected, Membership actual)
    {
        Assert.Equal(expected.Head, actual.Head);
        Assert.Equal(expected.Pin, actual.Pin);
        Assert.Equal(expected.Members.OrderBy(pair => pair.Key), actual.Members.OrderBy(pair => pair.Key));
        Assert.Equal(expected.Invites.OrderBy(pair => pair.Key, StringComparer.Ordinal), actual.Invites.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(expected.Epochs.Select(epoch => epoch.RootId), actual.Epochs.Select(epoch => epoch.RootId));
        Assert.Equal(expected.IsRotationDue(), actual.IsRotationDue());
        Assert.Equal(expected.EncryptionRequired, actual.EncryptionRequired);
    }

    private static (SignedRecord[] Records, Digest Pin) MakeSample()
    {
        using Team team = new();
        List<Person> people = [team.Owner];
        for (int step = 0; step < 30; step++)
            Step(team, people, people[step % 2 % people.Count], step % 10, people[step * 7 % people.Count]);
        return ([.. team.Broker.Records], team.Broker.State.Pin);
    }
}
