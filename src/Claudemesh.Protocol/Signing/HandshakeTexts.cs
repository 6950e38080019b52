namespace Claudemesh.Protocol.Signing;

/// <summary>Signed by the member key over the broker's challenge: 32 bytes, one use, 30 s. Times are ms since 1970.</summary>
public readonly record struct HelloText(string MeshId, PublicKey Member, ReadOnlyMemory<byte> Challenge, long SentAt) : ISignable
{
    public const string Label = "claudemesh/hello/3";
    public const int ChallengeSize = 32;

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Key(Member);
        bytes.Field(Challenge.Span, ChallengeSize);
        bytes.Number(SentAt);
    }
}

/// <summary>Signed by the member key (the attestation) and by the session key (the proof). <paramref name="ExpiresAt"/> at most 24 h ahead.</summary>
public readonly record struct SessionText(string MeshId, PublicKey Member, PublicKey Session, string SessionId, long ExpiresAt) : ISignable
{
    public const string Label = "claudemesh/session/2";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Key(Member);
        bytes.Key(Session);
        bytes.Id(SessionId);
        bytes.Number(ExpiresAt);
    }
}

/// <summary>Signed by the key that joins with a 1.x invite, so that nobody joins with a key he does not have.</summary>
/// <param name="InviteTokenHash">SHA-256 of the token's characters.</param>
public readonly record struct JoinPossessionText(string MeshId, Digest InviteTokenHash, PublicKey Joiner, long JoinedAt) : ISignable
{
    public const string Label = "claudemesh/join-possession/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Hash(InviteTokenHash);
        bytes.Key(Joiner);
        bytes.Number(JoinedAt);
    }
}

/// <summary>Signed by the key that will own the workspace.</summary>
public readonly record struct WorkspaceCreateText(string MeshId, string Slug, string Name, PublicKey Owner, long CreatedAt) : ISignable
{
    public const string Label = "claudemesh/workspace-create/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Text(Slug);
        bytes.Text(Name);
        bytes.Key(Owner);
        bytes.Number(CreatedAt);
    }
}
