namespace Claudemesh.Protocol.Signing;

/// <summary>
/// Signed by a new machine's device key when it fetches its tokens: a device code that somebody saw on its way is worth nothing without that
/// key.
/// </summary>
/// <param name="At">Milliseconds since 1970, at most ten minutes from the broker's clock.</param>
public readonly record struct DeviceTokenText(string DeviceCode, long At) : ISignable
{
    public const string Label = "claudemesh/device-token/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Text(DeviceCode);
        bytes.Number(At);
    }
}

/// <summary>Signed by a member's key: this account may say that the member is its own.</summary>
public readonly record struct MemberClaimText(string MeshId, string UserId, PublicKey Member, long At) : ISignable
{
    public const string Label = "claudemesh/member-claim/1";

    /// <inheritdoc cref="DeviceApprovalText.BytesMax"/>
    public const int BytesMax = 512;

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Id(UserId);
        bytes.Key(Member);
        bytes.Number(At);
    }

    /// <summary>Reads exactly what <see cref="WriteTo"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out MemberClaimText text)
    {
        text = default;
        if (bytes.Length > BytesMax
            || !SignedFields.TryOpen(bytes, Label, out SignedFields fields)
            || !fields.TryId(out string meshId)
            || !fields.TryId(out string userId)
            || !fields.TryKey(out PublicKey member)
            || !fields.TryNumber(out long at)
            || !fields.AtEnd)
            return false;

        text = new MemberClaimText(meshId, userId, member, at);
        return true;
    }
}

/// <summary>Associated with the account's sealed vault (keys.md 10).</summary>
/// <param name="Version">From 1, and one more with each writing.</param>
public readonly record struct VaultText(string UserId, long Version) : ISignable
{
    public const string Label = "claudemesh/vault/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(UserId);
        bytes.Number(Version);
    }
}
