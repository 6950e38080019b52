namespace Claudemesh.Protocol.Signing;

// The texts that 1.x signs: values joined by one '|', UTF-8, no line end (wire reference 2 and 5.3).

/// <summary>Signed by the member key. <paramref name="MemberId"/> is text only: the member is whoever has the key.</summary>
public readonly record struct LegacyHello(string MeshId, string MemberId, PublicKey Member, long Timestamp) : ISignable
{
    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Append(MeshId);
        bytes.Append("|");
        bytes.Append(MemberId);
        bytes.Append("|");
        bytes.Append(Member);
        bytes.Append("|");
        bytes.Append(Timestamp);
    }
}

/// <summary>Signed by the member key; at most 24 hours. Names no workspace: 1.x has it so.</summary>
public readonly record struct LegacySessionAttestation(PublicKey Member, PublicKey Session, long ExpiresAt) : ISignable
{
    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Append("claudemesh-session-attest|");
        bytes.Append(Member);
        bytes.Append("|");
        bytes.Append(Session);
        bytes.Append("|");
        bytes.Append(ExpiresAt);
    }
}

/// <summary>Signed by the session key.</summary>
public readonly record struct LegacySessionHello(string MeshId, PublicKey Member, PublicKey Session, long Timestamp) : ISignable
{
    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Append("claudemesh-session-hello|");
        bytes.Append(MeshId);
        bytes.Append("|");
        bytes.Append(Member);
        bytes.Append("|");
        bytes.Append(Session);
        bytes.Append("|");
        bytes.Append(Timestamp);
    }
}

/// <summary>A long invite, signed by the workspace owner's key. <paramref name="ExpiresAt"/> is in seconds here, as 1.x has it.</summary>
/// <param name="RootKey">32 bytes in base64url: of ours always random filler, never a key (keys.md 8).</param>
public readonly record struct LegacyInvite(
    string MeshId, string MeshSlug, string BrokerUrl, long ExpiresAt, string RootKey, string Role, PublicKey Owner) : ISignable
{
    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Append("1|");
        bytes.Append(MeshId);
        bytes.Append("|");
        bytes.Append(MeshSlug);
        bytes.Append("|");
        bytes.Append(BrokerUrl);
        bytes.Append("|");
        bytes.Append(ExpiresAt);
        bytes.Append("|");
        bytes.Append(RootKey);
        bytes.Append("|");
        bytes.Append(Role);
        bytes.Append("|");
        bytes.Append(Owner);
    }
}

/// <summary>A short-code invite of 1.x, signed by the owner's key. <paramref name="ExpiresAt"/> is in seconds.</summary>
public readonly record struct LegacyInviteV2(string MeshId, string InviteId, long ExpiresAt, string Role, PublicKey Owner) : ISignable
{
    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Append("v=2|");
        bytes.Append(MeshId);
        bytes.Append("|");
        bytes.Append(InviteId);
        bytes.Append("|");
        bytes.Append(ExpiresAt);
        bytes.Append("|");
        bytes.Append(Role);
        bytes.Append("|");
        bytes.Append(Owner);
    }
}
