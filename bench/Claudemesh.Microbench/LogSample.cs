using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Microbench;

/// <summary>Logs to measure with. Whatever is refused here is a bug of the benchmark.</summary>
internal static class LogSample
{
    /// <summary>A workspace of its owner alone, in its first epoch.</summary>
    internal static Membership Start(MemberSecretKey owner, string mesh, long at, RootHistory roots)
    {
        LogDraft draft = new(Membership.Empty(mesh, "mesh"), owner, at);
        Require(draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "owner")));
        Require(Rotation.Draft(draft, old: null, "start", out RootKey? root));
        roots.TryAdd(draft.State, root!);
        return draft.State;
    }

    /// <summary>The records after which a workspace has this many members more.</summary>
    internal static SignedRecord[] Admissions(Membership on, MemberSecretKey owner, long at, int count)
    {
        LogDraft draft = new(on, owner, at);
        for (int i = 0; i < count; i++)
        {
            using MemberSecretKey member = MemberSecretKey.Generate();
            Require(draft.Add(new LogBody.Admit($"m{i}", member.Public, LogRole.Member, MemberKind.Person)));
        }

        return [.. draft.Records.Select(record => record.Signed)];
    }

    internal static void Require(LogRefusal refusal)
    {
        if (refusal is not LogRefusal.None)
            throw new InvalidOperationException($"Refused: {refusal}.");
    }
}
