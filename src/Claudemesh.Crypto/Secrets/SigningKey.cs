using System.Diagnostics;
using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>
/// An Ed25519 secret key, and converted the X25519 key of the same holder. Used as it is for devices, accounts and invites; members
/// and sessions have types of their own around it. Safe to use from several threads, not while another disposes it.
/// </summary>
[DebuggerDisplay("signing key of {Public}")]
public sealed class SigningKey : IDisposable
{
    private readonly SecretBytes secret = new(Ed25519.SecretSize);
    private readonly SecretBytes x25519 = new(X25519.Size);

    private SigningKey(ReadOnlySpan<byte> seed)
    {
        Length.Require(seed, Ed25519.SeedSize);
        Span<byte> publicKey = stackalloc byte[PublicKey.Size];
        Native.crypto_sign_seed_keypair(publicKey, secret.Writable, seed);
        Native.crypto_sign_ed25519_sk_to_curve25519(x25519.Writable, secret.Expose());
        Public = new PublicKey(publicKey);
    }

    public PublicKey Public { get; }

    internal ReadOnlySpan<byte> X25519Secret => x25519.Expose();

    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) => new(seed);

    public static SigningKey Generate()
    {
        using SecretBytes seed = SecretBytes.Random(Ed25519.SeedSize);
        return new SigningKey(seed.Expose());
    }

    /// <summary>Reads the 64-byte form of 1.x, seed ‖ public key; false when the two halves do not belong together.</summary>
    public static bool TryFromSecret(ReadOnlySpan<byte> secret, out SigningKey? key)
    {
        key = null;
        if (secret.Length != Ed25519.SecretSize)
            return false;

        SigningKey candidate = new(secret[..Ed25519.SeedSize]);
        if (ConstantTime.Equal(candidate.Public.Span, secret[Ed25519.SeedSize..]))
            key = candidate;
        else
            candidate.Dispose();
        return key is not null;
    }

    /// <summary>The 32-byte seed, to be kept in a protected store.</summary>
    public ReadOnlySpan<byte> ExposeSeed() => secret.Expose()[..Ed25519.SeedSize];

    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Length.Require(signature, Ed25519.SignatureSize);
        Native.crypto_sign_detached(signature, 0, message, (ulong)message.Length, secret.Expose());
    }

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        Sign(message, signature);
        return signature;
    }

    /// <exception cref="ArgumentException">A value of the text has no encoding, an id of another form for instance.</exception>
    public byte[] Sign<T>(in T text)
        where T : ISignable
    {
        using SignedBytes bytes = Texts.Write(text, stackalloc byte[Texts.StackBytes]);
        return Sign(bytes.Written);
    }

    public override string ToString() => $"(signing key of {Public})";

    public void Dispose()
    {
        secret.Dispose();
        x25519.Dispose();
    }
}
