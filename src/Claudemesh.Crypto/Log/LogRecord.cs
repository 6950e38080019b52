// keys.md 4: sig = Ed25519(author, R), hash = SHA-256(R ‖ sig).

using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>A record that is well formed and signed by its author. Whether the log may go on with it is for <see cref="Membership"/> to say.</summary>
public sealed class LogRecord
{
    private LogRecord(in LogRecordText text, LogBody body, SignedRecord signed)
    {
        Text = text;
        Body = body;
        Signed = signed;
        Hash = Sha256.Hash([.. signed.Record, .. signed.Signature]);
    }

    public LogRecordText Text { get; }

    public LogBody Body { get; }

    /// <summary>The bytes as they travel and are kept; nothing is ever encoded again from what was read.</summary>
    public SignedRecord Signed { get; }

    public Digest Hash { get; }

    public long Seq => Text.Seq;

    public PublicKey Author => Text.Author;

    /// <summary>Writes the record that follows <paramref name="head"/>.</summary>
    /// <exception cref="ArgumentException">A value of the body has no encoding.</exception>
    internal static LogRecord Sign(MemberSecretKey author, string meshId, string scope, LogHead head, long at, LogBody body)
    {
        LogRecordText text = new(meshId, scope, head.Seq + 1, head.Hash, at, author.Public, body.Type, SignedBytes.Of(body));
        byte[] bytes = SignedBytes.Of(text);
        return new LogRecord(text, body, new SignedRecord(bytes, author.Key.Sign(bytes)));
    }

    /// <summary>Checks the bytes as they were received: their form first, then the signature.</summary>
    public static LogRefusal TryRead(SignedRecord signed, out LogRecord? record)
    {
        record = null;
        if (!LogRecordText.TryParse(signed.Record, out LogRecordText text))
            return LogRefusal.Malformed;
        if (!LogBody.IsKnown(text.Type))
            return LogRefusal.UnknownType;
        if (!LogBody.TryParse(text.Type, text.Body.Span, out LogBody? body))
            return LogRefusal.Malformed;
        if (!Ed25519.Verify(text.Author, signed.Record, signed.Signature))
            return LogRefusal.BadSignature;

        record = new LogRecord(text, body!, signed);
        return LogRefusal.None;
    }

    /// <summary>Reads what <see cref="TryRead"/> has taken before: the signature is not checked again.</summary>
    /// <exception cref="FormatException">These are not the bytes of a record.</exception>
    public static LogRecord ReadKept(SignedRecord signed) =>
        LogRecordText.TryParse(signed.Record, out LogRecordText text) && LogBody.TryParse(text.Type, text.Body.Span, out LogBody? body)
            ? new LogRecord(text, body!, signed)
            : throw new FormatException("What was kept as a record of a log is none.");
}

/// <summary>Where a log ends. A log without records ends at 0, with a hash of zeros.</summary>
/// <param name="At">The time of the last record.</param>
public readonly record struct LogHead(long Seq, Digest Hash, long At);
