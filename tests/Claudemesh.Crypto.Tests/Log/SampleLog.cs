using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

internal static class SampleLog
{
    /// <summary>A workspace of its owner alone, in its first epoch.</summary>
    internal static Membership Start(MemberSecretKey owner, long at, RootKey root)
    {
        LogDraft draft = new(Membership.Empty(Vectors.Mesh, "mesh"), owner, at);
        Assert.Equal(LogRefusal.None, draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "member1")));
        Assert.Equal(LogRefusal.None, draft.Add(Rotation.Announce(draft.State, root, old: null, at, "start")));
        return draft.State;
    }
}
