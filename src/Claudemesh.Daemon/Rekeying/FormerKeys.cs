using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Rekeying;

/// <summary>
/// The keys that a member had before its present one, the newest first, and those of sessions that came of them. They open what was written to them; nothing is
/// signed with them but the records that follow a change into topics.
/// </summary>
internal sealed class FormerKeys : IDisposable
{
    // Few peers still write to an old key.
    private const int PairsMax = 64;

    private readonly Dictionary<PublicKey, PairKeys> sessions = [];
    private readonly List<SigningKey> sessionKeys = [];

    /// <param name="seeds">The newest first.</param>
    public FormerKeys(string meshId, IEnumerable<OldKey> seeds)
    {
        var members = new List<FormerKey>();
        foreach (OldKey old in seeds)
        {
            if (old.IsSession)
                AddSession(meshId, old.Seed);
            else
                members.Add(new FormerKey(meshId, old.Seed, PairsMax));
        }

        Members = members;
    }

    public IReadOnlyList<FormerKey> Members { get; }

    public FormerKey? Find(PublicKey key) => Members.FirstOrDefault(one => one.Public == key);

    /// <summary>What a session shared with its peers, by the session's key.</summary>
    public PairKeys? FindSession(PublicKey key) => sessions.GetValueOrDefault(key);

    public void Dispose()
    {
        foreach (FormerKey member in Members)
            member.Dispose();
        foreach (PairKeys pairs in sessions.Values)
            pairs.Dispose();
        foreach (SigningKey key in sessionKeys)
            key.Dispose();
    }

    private void AddSession(string meshId, byte[] seed)
    {
        SigningKey key = SigningKey.FromSeed(seed);
        sessionKeys.Add(key);
        sessions[key.Public] = new PairKeys(key, meshId, PairsMax);
    }
}

/// <summary>One key that a member had.</summary>
internal sealed class FormerKey : IDisposable
{
    public FormerKey(string meshId, ReadOnlySpan<byte> seed, int pairsMax)
    {
        Key = MemberSecretKey.FromSeed(seed);
        Pairs = new PairKeys(Key.Key, meshId, pairsMax);
        FingerprintKey = Key.DeriveFingerprintKey(meshId);
    }

    public MemberSecretKey Key { get; }

    public PublicKey Public => Key.Public;

    public PairKeys Pairs { get; }

    /// <summary>By which a send that was written down under this key is known again.</summary>
    public SecretBytes FingerprintKey { get; }

    public void Dispose()
    {
        FingerprintKey.Dispose();
        Pairs.Dispose();
        Key.Dispose();
    }
}
