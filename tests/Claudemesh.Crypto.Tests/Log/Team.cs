using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>An honest broker's part in one log: records and copies, each append whole or not at all.</summary>
internal sealed class LogBroker(string scope)
{
    internal Membership State { get; private set; } = Membership.Empty(Vectors.Mesh, scope);

    internal List<SignedRecord> Records { get; } = [];

    internal List<(long Epoch, SealedCopy Copy)> Copies { get; } = [];

    internal LogRefusal Append(IReadOnlyList<SignedRecord> batch, long now, Membership? mesh = null)
    {
        LogVerdict verdict = State.Append(batch, now, mesh);
        if (verdict.Next is null)
            return verdict.Refusal;

        State = verdict.Next;
        Records.AddRange(batch);
        return LogRefusal.None;
    }

    internal void Restore(int records)
    {
        Records.RemoveRange(records, Records.Count - records);
        State = Membership.Empty(Vectors.Mesh, scope).Append(Records, long.MaxValue / 2).Next!;
    }
}

/// <summary>A member's device: its key, the log as it holds it, and the roots that it could open.</summary>
internal sealed class Person(string id, MemberSecretKey key, string scope = "mesh", Digest? pin = null) : IDisposable
{
    internal string MemberId { get; } = id;

    internal MemberSecretKey Key { get; } = key;

    internal PublicKey Public => Key.Public;

    internal HeldLog Log { get; } = new(Vectors.Mesh, scope, pin);

    internal RootHistory Roots { get; } = new();

    public void Dispose()
    {
        Key.Dispose();
        Roots.Dispose();
    }
}

/// <summary>A workspace at play: people do things through one honest broker.</summary>
internal sealed class Team : IDisposable
{
    private readonly List<Person> people = [];

    internal Team()
    {
        Owner = Known(new Person("owner", MemberSecretKey.Generate()));
        LogDraft draft = DraftOf(Owner);
        AssertTaken(draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "owner")));
        AssertTaken(Finish(Owner, draft, old: null, "start"));
    }

    internal long Now { get; set; } = Vectors.At;

    internal LogBroker Broker { get; } = new("mesh");

    internal Person Owner { get; }

    public void Dispose() => people.ForEach(person => person.Dispose());

    internal static void AssertTaken(LogRefusal refusal) => Assert.Equal(LogRefusal.None, refusal);

    /// <summary>The person reads what is new and opens what was sealed to it.</summary>
    internal void Pull(Person person)
    {
        Assert.NotEqual(LogReading.Forked, person.Log.Read(Broker.Records.Skip((int)person.Log.State.Head.Seq)));
        foreach ((long epoch, SealedCopy copy) in Broker.Copies.Where(copy => copy.Copy.Recipient == person.Public))
            Assert.True(person.Roots.TryOpen(person.Log.State, epoch, person.Key.Key, copy.Copy));
    }

    internal LogDraft DraftOf(Person person)
    {
        Pull(person);
        Now += 1000;
        return new LogDraft(person.Log.State, person.Key, Now);
    }

    internal LogRefusal Do(Person person, params LogBody[] bodies)
    {
        LogDraft draft = DraftOf(person);
        foreach (LogBody body in bodies)
        {
            if (draft.Add(body) is var refusal and not LogRefusal.None)
                return refusal;
        }

        return Append(draft);
    }

    internal LogRefusal Append(LogDraft draft) => Broker.Append([.. draft.Records.Select(record => record.Signed)], Now);

    internal LogRefusal Rotate(Person person, bool history = true)
    {
        LogDraft draft = DraftOf(person);
        return Finish(person, draft, history ? person.Roots.Find(draft.State, draft.State.Epoch) : null, "rotate");
    }

    /// <summary>A removal as it should be: the removal and the next epoch together.</summary>
    internal LogRefusal Remove(Person by, Person whom)
    {
        LogDraft draft = DraftOf(by);
        RootKey old = by.Roots.Find(draft.State, draft.State.Epoch)!;
        LogRefusal refusal = draft.Add(new LogBody.Remove(whom.Public, "removed"));
        return refusal is LogRefusal.None ? Finish(by, draft, old, "removal") : refusal;
    }

    /// <summary>Adds a new root to the draft and appends it with its copies.</summary>
    internal LogRefusal Finish(Person person, LogDraft draft, RootKey? old, string reason)
    {
        LogRefusal refusal = Rotation.Draft(draft, old, reason, out RootKey? root);
        if (refusal is LogRefusal.None)
            refusal = Append(draft);
        if (refusal is not LogRefusal.None)
            return refusal;

        Broker.Copies.AddRange(Rotation.SealCopies(draft.State, root!, draft.At).Select(copy => (root!.Epoch, copy)));
        Pull(person);
        return person.Roots.TryAdd(person.Log.State, root!) ? LogRefusal.None : LogRefusal.WrongEpoch;
    }

    internal Person Admit(string id, LogRole role = LogRole.Member, MemberKind kind = MemberKind.Person)
    {
        Person person = Known(new Person(id, MemberSecretKey.Generate(), pin: Owner.Log.State.Pin));
        AssertTaken(Do(Owner, new LogBody.Admit(id, person.Public, role, kind)));
        Pull(Owner);
        Broker.Copies.Add((Owner.Log.State.Epoch, Rotation.SealCopy(Owner.Roots.Find(Owner.Log.State, Owner.Log.State.Epoch)!, person.Public)));
        Pull(person);
        return person;
    }

    internal Person Known(Person person)
    {
        people.Add(person);
        return person;
    }
}
