using System.Diagnostics;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>A member's lasting key in one workspace: signs everything of the member, and its messages are written under it.</summary>
[DebuggerDisplay("member key of {Public}")]
public sealed class MemberSecretKey : IDisposable
{
    public MemberSecretKey(SigningKey key) => Key = key;

    /// <summary>The signing key itself; disposed with this one.</summary>
    public SigningKey Key { get; }

    public PublicKey Public => Key.Public;

    public static MemberSecretKey FromSeed(ReadOnlySpan<byte> seed) => new(SigningKey.FromSeed(seed));

    /// <summary>A random one, for bots and for a workspace joined before any login.</summary>
    public static MemberSecretKey Generate() => new(SigningKey.Generate());

    /// <summary>A session is named by its id and has no key to keep: it is derived again at each start.</summary>
    public SessionSecretKey DeriveSession(string meshId, string sessionId) =>
        new(KeyLabels.DeriveSigning(Key.ExposeSeed(), meshId, KeyLabels.Session(sessionId)));

    /// <summary>The key that hides a message's fingerprint from the broker: <see cref="RequestFingerprint"/>.</summary>
    public SecretBytes DeriveFingerprintKey(string meshId) => KeyLabels.Derive(Key.ExposeSeed(), meshId, KeyLabels.Fingerprint);

    /// <summary>Vouches for a session in our form: both signatures over the same text.</summary>
    /// <param name="expiresAt">Milliseconds since 1970, at most 24 hours ahead: brokers refuse more.</param>
    public SessionAttestation Attest(SessionSecretKey session, string meshId, string sessionId, long expiresAt)
    {
        SessionText text = new(meshId, Public, session.Public, sessionId, expiresAt);
        return new SessionAttestation(Key.Sign(text), session.Key.Sign(text));
    }

    /// <summary>Vouches for a session in the form of 1.x, which names no workspace.</summary>
    public byte[] AttestLegacy(PublicKey session, long expiresAt) => Key.Sign(new LegacySessionAttestation(Public, session, expiresAt));

    public byte[] Sign<T>(in T text)
        where T : ISignable => Key.Sign(text);

    public override string ToString() => $"(member key of {Public})";

    public void Dispose() => Key.Dispose();
}

/// <summary>The key of one running session: an address and a voice towards 1.x peers. Messages of ours are under member keys.</summary>
[DebuggerDisplay("session key of {Public}")]
public sealed class SessionSecretKey : IDisposable
{
    public SessionSecretKey(SigningKey key) => Key = key;

    public SigningKey Key { get; }

    public PublicKey Public => Key.Public;

    public byte[] Sign<T>(in T text)
        where T : ISignable => Key.Sign(text);

    public override string ToString() => $"(session key of {Public})";

    public void Dispose() => Key.Dispose();
}

/// <summary>The member's word for a session, and the session's own.</summary>
public sealed record SessionAttestation(byte[] Attestation, byte[] Proof)
{
    /// <summary>Both signatures and both keys are good. The times are the caller's to check.</summary>
    public bool Verifies(in SessionText text) =>
        Ed25519.Verify(text.Member, text, Attestation) && Ed25519.Verify(text.Session, text, Proof);
}
