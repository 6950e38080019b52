// The fingerprint of a request, wire reference 4.7: SHA-256 of version 00 kind 00 ref 00 reply 00 priority 00 meta 00 SHA-256(body).

using System.Text;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>Says whether two requests with one client id are the same request.</summary>
public static class RequestFingerprint
{
    private const string EnvelopeVersion = "1";

    /// <summary>The bare form of 1.x: 32 bytes. It is the text, to anybody who can guess it; ours is <see cref="ComputeKeyed"/>.</summary>
    /// <param name="to">As the caller typed it: <c>@name</c> and <c>*</c> are of kind topic, everything else of kind dm.</param>
    /// <param name="canonicalMeta">The output of <see cref="CanonicalJson"/>, or null without meta.</param>
    public static Digest Compute(string to, string? replyTo, string priority, string? canonicalMeta, ReadOnlySpan<byte> body)
    {
        string trimmed = to.Trim();
        bool multicast = trimmed is "*" || trimmed.StartsWith('@');
        SignedBytes bytes = new(stackalloc byte[Texts.StackBytes]);
        try
        {
            AppendTerminated(ref bytes, EnvelopeVersion);
            AppendTerminated(ref bytes, multicast ? "topic" : "dm");
            AppendTerminated(ref bytes, trimmed.StartsWith('@') ? trimmed[1..] : trimmed);
            AppendTerminated(ref bytes, replyTo ?? string.Empty);
            AppendTerminated(ref bytes, priority);
            AppendTerminated(ref bytes, canonicalMeta ?? string.Empty);
            bytes.Append(Sha256.Hash(body).Span);
            bytes.ThrowIfMalformed();
            return Sha256.Hash(bytes.Written);
        }
        finally
        {
            bytes.Dispose();
        }
    }

    /// <summary>What our clients send: it tells the broker nothing about the text.</summary>
    /// <param name="fingerprintKey">Of <see cref="MemberSecretKey.DeriveFingerprintKey"/>.</param>
    public static Digest ComputeKeyed(
        SecretBytes fingerprintKey, string to, string? replyTo, string priority, string? canonicalMeta, string body)
    {
        Span<byte> tag = stackalloc byte[HmacSha256.Size];
        Digest bare = Compute(to, replyTo, priority, canonicalMeta, Encoding.UTF8.GetBytes(body));
        HmacSha256.Compute(fingerprintKey.Expose(), bare.Span, tag);
        return new Digest(tag);
    }

    private static void AppendTerminated(ref SignedBytes bytes, string text)
    {
        bytes.Append(text);
        bytes.Append("\0");
    }
}
