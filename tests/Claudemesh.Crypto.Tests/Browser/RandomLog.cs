using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Browser;

/// <summary>
/// A log to which a few people try to append whatever comes to their minds, rightly and wrongly signed. What is taken goes on; every attempt
/// and its verdict is kept.
/// </summary>
internal sealed class RandomLog : IDisposable
{
    private readonly Dice random;
    private readonly RandomLog? mesh;
    private readonly List<MemberSecretKey> people;
    private readonly Dictionary<string, SigningKey> invites = [];
    private readonly List<string> ids;

    internal RandomLog(Dice random, string scope, RandomLog? mesh)
    {
        this.random = random;
        this.mesh = mesh;
        State = Membership.Empty(Vectors.Mesh, scope);
        people = mesh is null ? [.. Enumerable.Range(0, 9).Select(_ => MemberSecretKey.Generate())] : mesh.people;
        ids = [.. Enumerable.Range(0, people.Count).Select(i => $"m{i}")];
    }

    internal Membership State { get; private set; }

    internal List<SignedRecord> Attempts { get; } = [];

    internal List<SignedRecord> Taken { get; } = [];

    internal List<LogRefusal> Verdicts { get; } = [];

    public void Dispose()
    {
        if (mesh is null)
            people.ForEach(person => person.Dispose());
        foreach (SigningKey key in invites.Values)
            key.Dispose();
    }

    internal void Try(int attempts)
    {
        for (int i = 0; i < attempts; i++)
        {
            int author = AnyAuthor();
            Append(people[author], BodyOf(author));
        }
    }

    /// <summary>Mostly a member: strangers are refused for one reason only.</summary>
    private int AnyAuthor()
    {
        int[] members = [.. Enumerable.Range(0, people.Count).Where(person => State.Members.ContainsKey(people[person].Public))];
        if (members.Length == 0 || random.Next(4) == 0)
            return random.Next(people.Count);
        return members[random.Next(3) == 0 ? 0 : random.Next(members.Length)];
    }

    private void Append(MemberSecretKey author, LogBody body)
    {
        LogHead head = random.Next(25) == 0 ? State.Head with { Seq = State.Head.Seq + random.Next(2) * 2 - 1 + 1 } : State.Head;
        long at = Math.Max(0, State.Head.At + (random.Next(20) == 0 ? -1 : random.Next(5000)));
        string scope = random.Next(40) == 0 ? "topic/other" : State.Scope;
        SignedRecord signed = LogRecord.Sign(author, State.MeshId, scope, head, Math.Max(at, State.Head.Seq == 0 ? Vectors.At : 0), body).Signed;
        if (random.Next(30) == 0)
            signed = signed with { Signature = Spoilt(signed.Signature) };
        if (random.Next(30) == 0)
            signed = signed with { Record = signed.Record[..^1] };

        LogRefusal verdict = LogRecord.TryRead(signed, out LogRecord? record);
        if (verdict is LogRefusal.None)
        {
            LogVerdict judged = State.Apply(record!, mesh?.State);
            verdict = judged.Refusal;
            State = judged.Next ?? State;
        }

        Attempts.Add(signed);
        Verdicts.Add(verdict);
        if (verdict is LogRefusal.None)
            Taken.Add(signed);
    }

    private LogBody BodyOf(int author)
    {
        // An empty log takes nothing but its genesis; mostly one is tried.
        int what = State.Head.Seq == 0 && random.Next(4) > 0 ? 0 : random.Next(22);
        return what switch
        {
            0 => new LogBody.Genesis(new Digest(RandomBytes.Next(32)), random.Next(2) == 0, MemberIdOf(author)),
            1 => new LogBody.Policy(random.Next(2) == 0, random.Next(2) == 0 ? null : $"t{random.Next(1, 3)}", PlainIn: false),
            2 or 3 => Invite(),
            4 => new LogBody.Uninvite(AnyInvite()),
            5 or 6 or 7 => Join(author),
            8 or 9 or 10 or 11 => Admit(),
            12 or 13 => new LogBody.Role(AnyKey(), AnyRole()),
            14 or 15 => new LogBody.Remove(AnyKey(), "because"),
            16 => KeyChange(author),
            _ => Epoch(),
        };
    }

    private LogBody.Admit Admit()
    {
        int whom = random.Next(people.Count);
        string id = random.Next(6) == 0 ? ids[random.Next(ids.Count)] : MemberIdOf(whom);
        PublicKey key = random.Next(12) == 0 ? Vectors.SmallOrderKey : people[whom].Public;
        return new LogBody.Admit(id, key, AnyRole(), (MemberKind)random.Next(3));
    }

    private LogBody.Invite Invite()
    {
        string id = $"inv{random.Next(6)}";
        if (!invites.TryGetValue(id, out SigningKey? key))
            invites[id] = key = SigningKey.Generate();
        PublicKey used = random.Next(10) == 0 ? AnyKey() : key.Public;
        return new LogBody.Invite(id, used, AnyRole(), random.Next(1, 3), State.Head.At + random.Next(20_000));
    }

    private LogBody.Join Join(int author)
    {
        string id = AnyInvite();
        using SigningKey stranger = SigningKey.Generate();
        SigningKey signer = random.Next(6) > 0 && invites.TryGetValue(id, out SigningKey? key) ? key : stranger;
        byte[] proof = signer.Sign(new JoinProofText(State.MeshId, State.Pin, id, people[author].Public));
        return new LogBody.Join(id, MemberIdOf(author), proof);
    }

    private LogBody.KeyChange KeyChange(int author)
    {
        // The new key takes the place of the old one in the cast, so that it goes on to act.
        MemberSecretKey next = MemberSecretKey.Generate();
        byte[] proof = next.Sign(new KeyProofText(State.MeshId, people[author].Public, next.Public));
        bool good = random.Next(4) > 0;
        LogBody.KeyChange change = new(next.Public, good ? proof : Spoilt(proof), random.Next(2) == 0);
        if (mesh is null)
        {
            people.Add(next);
            ids.Add(MemberIdOf(author));
        }
        else
        {
            next.Dispose();
            if (mesh.State.Keys.TryGetValue(people[author].Public, out KeyPast? past) && past.Successor is { } successor)
            {
                MemberSecretKey known = people.First(person => person.Public == successor);
                return new LogBody.KeyChange(
                    successor, known.Sign(new KeyProofText(State.MeshId, people[author].Public, successor)), random.Next(2) == 0);
            }
        }

        return change;
    }

    private LogBody.Epoch Epoch()
    {
        long number = State.Epoch + (random.Next(8) == 0 ? 2 : 1);
        PublicKey[] recipients = State.RecipientsAt(State.Head.At + 2500);
        byte[] back = number > 1 && random.Next(2) == 0 ? RandomBytes.Next(LogBody.Epoch.BackSize) : [];
        return new LogBody.Epoch(number, new Digest(RandomBytes.Next(32)), back, Membership.HashOf(random.Next(8) == 0 ? [] : recipients), "any");
    }

    private string MemberIdOf(int person) => mesh is not null && mesh.State.Keys.TryGetValue(people[person].Public, out KeyPast? past)
        ? past.MemberId
        : ids[Math.Min(person, ids.Count - 1)];

    private string AnyInvite() => $"inv{random.Next(7)}";

    private PublicKey AnyKey() => people[random.Next(people.Count)].Public;

    private LogRole AnyRole() => random.Next(3) > 0 && mesh is null ? LogRole.Member : (LogRole)random.Next(5);

    private byte[] Spoilt(byte[] bytes)
    {
        byte[] copy = [.. bytes];
        copy[random.Next(copy.Length)] ^= 1;
        return copy;
    }
}

/// <summary>A seeded generator (splitmix64): the same attempts in every run.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    /// <summary>From 0 to below <paramref name="below"/>.</summary>
    internal int Next(int below)
    {
        ulong z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return (int)((z ^ (z >> 31)) % (ulong)below);
    }

    internal int Next(int from, int below) => from + Next(below - from);
}
