using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>Tells connections that asked for it what happens to the logs they may read.</summary>
internal static class LogNews
{
    public static void HeadMoved(Workspace workspace, Membership log) =>
        Tell(workspace, log, new LogHeadMoved(log.Scope, log.Head.Seq, log.Head.Hash), except: null);

    /// <param name="except">Who asks.</param>
    public static void CopiesWanted(Workspace workspace, Membership log, PublicKey recipient, SocketConnection? except) =>
        Tell(workspace, log, new CopiesWanted(log.Scope, log.Epoch, [recipient]), except);

    /// <param name="recipients">Whose copy was stored.</param>
    public static void CopiesGiven(Workspace workspace, Membership log, HashSet<PublicKey> recipients) => Tell(
        workspace, log, new CopiesGiven(log.Scope, log.Epoch), except: null, member => recipients.Contains(member));

    private static void Tell<T>(Workspace workspace, Membership log, T happened, SocketConnection? except, Func<PublicKey, bool>? to = null)
        where T : class, IMessage
    {
        SharedFrame? frame = null;
        HashSet<string>? readers = log.Scope is RootReference.MeshScope ? null : [.. log.Members.Values.Select(static member => member.MemberId)];
        foreach (SocketConnection connection in workspace.Sockets.Connections)
        {
            if (!connection.WantsLog || connection == except || !MayRead(connection.Caller, readers) || to?.Invoke(connection.Caller!.Member.Key) == false)
                continue;

            frame ??= FrameEncoder.Encode(happened);
            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame?.Release();
    }

    /// <param name="readers">As <see cref="ScopeAccess.MayRead"/>, for many; null for everybody.</param>
    private static bool MayRead(Caller? caller, HashSet<string>? readers) =>
        caller is { Member: { Removed: false } member } && readers?.Contains(member.Id.Value) != false;
}
