using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Log;

/// <summary>A record R of a membership log (keys.md 4). Its hash is SHA-256 over these bytes and the author's signature.</summary>
/// <param name="Scope"><c>mesh</c> or <c>topic/&lt;topic_id&gt;</c>.</param>
/// <param name="Seq">Counts from 1.</param>
/// <param name="Previous">The hash of the record before; 32 zero bytes for the first.</param>
/// <param name="At">Milliseconds since 1970; never less than in the record before.</param>
/// <param name="Body">The bytes of the body's own text: <see cref="LogBody"/>.</param>
public readonly record struct LogRecordText(
    string MeshId, string Scope, long Seq, Digest Previous, long At, PublicKey Author, string Type, ReadOnlyMemory<byte> Body) : ISignable
{
    public const string Label = "claudemesh/log/1";

    /// <summary>No record that keeps the limits of its fields comes near it; a longer one is not even parsed.</summary>
    public const int BytesMax = 2048;

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.OneOf(Scope, RootReference.IsScope(Scope));
        bytes.Number(Seq);
        bytes.Hash(Previous);
        bytes.Number(At);
        bytes.Key(Author);
        bytes.Text(Type);
        bytes.Field(Body.Span);
    }

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes. The type and the body are taken as they are.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out LogRecordText text)
    {
        text = default;
        if (bytes.Length > BytesMax
            || !SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryId(out string meshId)
            || !fields.TryText(out string scope)
            || !RootReference.IsScope(scope)
            || !fields.TryNumber(out long seq)
            || seq < 1
            || !fields.TryHash(out Digest previous)
            || !fields.TryNumber(out long at)
            || !fields.TryKey(out PublicKey author)
            || !fields.TryText(out string type)
            || !fields.TryField(out ReadOnlySpan<byte> body)
            || !fields.AtEnd)
            return false;

        text = new LogRecordText(meshId, scope, seq, previous, at, author, type, body.ToArray());
        return true;
    }
}

/// <summary>A record as it travels and is kept: the bytes of R and the author's signature over them, each sent as base64.</summary>
public sealed record SignedRecord(byte[] Record, byte[] Signature);

/// <summary>A root key sealed to one member or invite: 80 bytes (keys.md 5). The epoch's <c>root_id</c> says whether it is the right one.</summary>
public sealed record SealedCopy(PublicKey Recipient, byte[] Copy);
