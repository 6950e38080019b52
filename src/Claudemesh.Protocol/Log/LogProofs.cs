using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Log;

/// <summary>Signed by the invite key: the joiner knew the invite's secret.</summary>
public readonly record struct JoinProofText(string MeshId, Digest Pin, string InviteId, PublicKey Joiner) : ISignable
{
    public const string Label = "claudemesh/join-proof/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Hash(Pin);
        bytes.Id(InviteId);
        bytes.Key(Joiner);
    }
}

/// <summary>Signed by the new key of a key change.</summary>
public readonly record struct KeyProofText(string MeshId, PublicKey OldKey, PublicKey NewKey) : ISignable
{
    public const string Label = "claudemesh/key-proof/1";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Key(OldKey);
        bytes.Key(NewKey);
    }
}
