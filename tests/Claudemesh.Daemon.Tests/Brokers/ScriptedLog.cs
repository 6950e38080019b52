using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Tests.Brokers;

/// <summary>The log of a workspace as the scripted broker keeps it: judged as the real one judges, and open to be lied about.</summary>
internal sealed class ScriptedLog(MeshId id)
{
    private readonly Lock gate = new();
    private readonly List<SignedRecord> records = [];
    private readonly ConcurrentDictionary<(long Epoch, PublicKey Recipient), byte[]> copies = new();
    private readonly ConcurrentDictionary<string, byte[]> packages = new(StringComparer.Ordinal);

    public Membership State { get; private set; } = Membership.Empty(id.Value, RootReference.MeshScope);

    public MeshError? Append(SignedRecord[] batch, EpochCopy[]? sealedCopies, InvitePackage[]? carried)
    {
        lock (gate)
        {
            LogVerdict verdict = State.Append(batch, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            if (verdict.Next is not { } next)
                return verdict.Refusal is LogRefusal.NotNext ? MeshError.LogMoved : MeshError.LogRefused;

            State = next;
            records.AddRange(batch);
            Put(sealedCopies ?? []);
            foreach (InvitePackage package in carried ?? [])
                packages[package.InviteId.Value] = package.Package;
            return null;
        }
    }

    public int Put(EpochCopy[] given) => given.Count(copy => copies.TryAdd((copy.Epoch, copy.Recipient), copy.Copy));

    public LogPage Read(string scope, long after, int? count)
    {
        lock (gate)
            return new LogPage(scope, [.. records.Skip((int)after).Take(count ?? LogAppend.RecordsMax)], State.Head.Seq, State.Head.Hash);
    }

    public CopiesResult ReadCopies(string scope, PublicKey recipient)
    {
        EpochCopy[] own = [.. copies.Where(one => one.Key.Recipient == recipient).OrderByDescending(one => one.Key.Epoch).Select(one => new EpochCopy(one.Key.Epoch, recipient, one.Value))];
        PublicKey[] missing = [.. State.RecipientsAt(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).Where(key => !copies.ContainsKey((State.Epoch, key)))];
        return new CopiesResult(scope, own, State.Epoch, missing);
    }

    public byte[]? FindPackage(string inviteId) => packages.GetValueOrDefault(inviteId);

    public EpochCopy? FindCopy(PublicKey recipient) => ReadCopies(RootReference.MeshScope, recipient).Copies.FirstOrDefault();
}
