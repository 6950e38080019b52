using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Who this person is in one workspace: the member key, what is derived from it, and the keys of the sessions that are open.</summary>
internal sealed class MemberIdentity : IDisposable
{
    // A session sends 1.x boxes to few peers.
    private const int SessionPairsMax = 64;

    private readonly ConcurrentDictionary<string, SessionIdentity> sessions = new(StringComparer.Ordinal);

    public MemberIdentity(string meshId, ReadOnlySpan<byte> seed)
    {
        MeshId = meshId;
        Key = MemberSecretKey.FromSeed(seed);
        Pairs = new PairKeys(Key.Key, meshId);
        FingerprintKey = Key.DeriveFingerprintKey(meshId);
    }

    public string MeshId { get; }

    public MemberSecretKey Key { get; }

    public PairKeys Pairs { get; }

    public SecretBytes FingerprintKey { get; }

    public PublicKey Public => Key.Public;

    /// <summary>The key of a session; the same at every start.</summary>
    public SessionIdentity GetSession(string sessionId) => sessions.GetOrAdd(sessionId, id =>
    {
        SessionSecretKey key = Key.DeriveSession(MeshId, id);
        return new SessionIdentity(key, new PairKeys(key.Key, MeshId, SessionPairsMax));
    });

    public void Dispose()
    {
        foreach (SessionIdentity session in sessions.Values)
        {
            session.Pairs.Dispose();
            session.Key.Dispose();
        }

        FingerprintKey.Dispose();
        Pairs.Dispose();
        Key.Dispose();
    }
}

internal sealed record SessionIdentity(SessionSecretKey Key, PairKeys Pairs);
