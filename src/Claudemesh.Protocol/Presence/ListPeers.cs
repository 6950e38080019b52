namespace Claudemesh.Protocol;

/// <summary>Asks who is here; answered by <see cref="PeersList"/>.</summary>
public sealed record ListPeers : IRequest<PeersList>
{
    public static string WireType => "list_peers";
}
