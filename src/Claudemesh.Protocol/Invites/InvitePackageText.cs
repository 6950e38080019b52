using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>
/// What the inviter tells the joiner past the broker, under a key from the invite's secret (keys.md 8): which workspace it is, and that
/// its log has had this record. A broker that invites to a workspace of its own cannot write it.
/// </summary>
/// <param name="Pin">The hash of the log's first record.</param>
/// <param name="Seq">The place of the <c>invite</c> record, and its hash.</param>
public readonly record struct InvitePackageText(string MeshId, Digest Pin, PublicKey Inviter, long Seq, Digest Hash) : ISignable
{
    public const string Label = "claudemesh/invite-package/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Hash(Pin);
        bytes.Key(Inviter);
        bytes.Number(Seq);
        bytes.Hash(Hash);
    }

    public static bool TryParse(ReadOnlySpan<byte> bytes, out InvitePackageText text)
    {
        text = default;
        if (!SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryId(out string meshId)
            || !fields.TryHash(out Digest pin)
            || !fields.TryKey(out PublicKey inviter)
            || !fields.TryNumber(out long seq)
            || !fields.TryHash(out Digest hash)
            || !fields.AtEnd)
            return false;

        text = new InvitePackageText(meshId, pin, inviter, seq, hash);
        return true;
    }
}
