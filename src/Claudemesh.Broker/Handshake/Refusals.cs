using System.Net.WebSockets;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Handshake;

/// <summary>How a handshake is refused: an <c>error</c>, then a close that repeats its code (wire reference 1.3).</summary>
internal static class Refusals
{
    public const int Kicked = 4001;
    public const int Banned = 4002;

    /// <summary>How far a client's clock may be from ours.</summary>
    public static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(60);

    public static bool IsNow(long milliseconds, TimeProvider clock)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return milliseconds >= now - (long)SkewMax.TotalMilliseconds && milliseconds <= now + (long)SkewMax.TotalMilliseconds;
    }

    public static Task CloseAsync(SocketConnection connection, MeshError refusal, ReadOnlyMemory<byte> requestId)
    {
        connection.Refuse(refusal, requestId.Span);
        return refusal.Code == MeshError.Revoked.Code
            ? connection.RejectAsync(refusal, Banned, "banned")
            : refusal.Code == MeshError.WorkspaceEnded.Code ? connection.RejectAsync(refusal, Banned, "ended")
            : connection.RejectAsync(refusal, (int)WebSocketCloseStatus.PolicyViolation, refusal.Code);
    }
}
