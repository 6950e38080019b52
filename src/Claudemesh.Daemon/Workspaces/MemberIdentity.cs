using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Who this person is in one workspace: the member key, what is derived from it, and the keys of the sessions that are open.</summary>
internal sealed class MemberIdentity : IDisposable
{
    // A session sends 1.x boxes to few peers.
    private const int SessionPairsMax = 64;

    private readonly ConcurrentDictionary<string, SessionIdentity> sessions = new(StringComparer.Ordinal);

    /// <param name="old">Keys of before, the newest first.</param>
    public MemberIdentity(string meshId, ReadOnlySpan<byte> seed, IEnumerable<OldKey> old)
    {
        MeshId = meshId;
        Key = MemberSecretKey.FromSeed(seed);
        Pairs = new PairKeys(Key.Key, meshId);
        FingerprintKey = Key.DeriveFingerprintKey(meshId);
        Former = new FormerKeys(meshId, old);
        Openers = [Key.Key, .. Former.Members.Select(one => one.Key.Key)];
    }

    public string MeshId { get; }

    public MemberSecretKey Key { get; }

    public PairKeys Pairs { get; }

    public SecretBytes FingerprintKey { get; }

    public PublicKey Public => Key.Public;

    /// <summary>What this member had before: what is still on its way to it opens with these.</summary>
    public FormerKeys Former { get; }

    /// <summary>The present key first, then those of before.</summary>
    public IReadOnlyList<SigningKey> Openers { get; }

    /// <summary>Whether it is this member's key, or was.</summary>
    public bool IsOwn(PublicKey key) => key == Public || Former.Find(key) is not null;

    /// <inheritdoc cref="IsOwn(PublicKey)"/>
    public bool IsOwn(string key) => PublicKey.TryParse(key, out PublicKey parsed) && IsOwn(parsed);

    /// <summary>The key of a session; the same at every start.</summary>
    public SessionIdentity GetSession(string sessionId) => sessions.GetOrAdd(sessionId, id =>
    {
        SessionSecretKey key = Key.DeriveSession(MeshId, id);
        return new SessionIdentity(key, new PairKeys(key.Key, MeshId, SessionPairsMax));
    });

    /// <summary>Whether a session has this key, or had it under a key of before.</summary>
    public bool IsSessionKey(string sessionId, string key)
    {
        if (GetSession(sessionId).Key.Public.ToString() == key)
            return true;
        return Former.Members.Any(one =>
        {
            using SessionSecretKey session = one.Key.DeriveSession(MeshId, sessionId);
            return session.Public.ToString() == key;
        });
    }

    public void Dispose()
    {
        foreach (SessionIdentity session in sessions.Values)
        {
            session.Pairs.Dispose();
            session.Key.Dispose();
        }

        Former.Dispose();
        FingerprintKey.Dispose();
        Pairs.Dispose();
        Key.Dispose();
    }
}

internal sealed record SessionIdentity(SessionSecretKey Key, PairKeys Pairs);
