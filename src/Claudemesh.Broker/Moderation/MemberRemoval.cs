using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Puts a member out of an open workspace: first in the store, then in the books, then on its sockets.</summary>
internal sealed class MemberRemoval(RemovalStore store, Withdrawal withdrawal, TopicSeating topics, ApiKeyBook keys)
{
    /// <param name="farewell">What the member's own clients are told.</param>
    public async Task BanAsync(Workspace workspace, MeshMember member, AuditActor by, string farewell, CancellationToken cancellationToken)
    {
        DateTimeOffset removedAt = await store.BanAsync(workspace.Row.No, member, by, cancellationToken);

        // From here on a hello is refused, and a connection that has just been admitted is among those that are closed.
        workspace.Members.Change(member.No, now => now with { RemovedAt = removedAt, Banned = true });
        keys.Forget(key => key.Issuer == member.No);
        TakeOff(workspace, member.No, MeshError.Revoked.With(farewell), Refusals.Banned, "banned");
        await topics.EnterAndRefreshAsync(workspace, member.No, cancellationToken);
        await withdrawal.RunAsync(workspace, member.No, cancellationToken);
    }

    /// <summary>Writes that the member has left. Its connections stay until <see cref="TakeOffLeaver"/>, but nothing they send is admitted any more.</summary>
    /// <returns>Why it may not leave; null when it has.</returns>
    public async Task<MeshError?> LeaveAsync(Workspace workspace, MeshMember member, AuditActor by, CancellationToken cancellationToken)
    {
        (DateTimeOffset? leftAt, MeshError? refusal) = await store.LeaveAsync(workspace.Row.No, member, by, cancellationToken);
        if (leftAt is null)
            return refusal;

        workspace.Members.Change(member.No, now => now with { RemovedAt = leftAt, Banned = false });
        keys.Forget(key => key.Issuer == member.No);
        await topics.EnterAndRefreshAsync(workspace, member.No, cancellationToken);
        await withdrawal.RunAsync(workspace, member.No, cancellationToken);
        return null;
    }

    public static void TakeOffLeaver(Workspace workspace, MeshMember member) =>
        TakeOff(
            workspace, member.No, MeshError.Revoked.With($"You have left {workspace.Row.Slug}; being there is forbidden now without a new invite."),
            Refusals.Banned, "left");

    public async Task ReturnAsync(Workspace workspace, MeshMember member, AuditActor by, CancellationToken cancellationToken)
    {
        await store.ReturnAsync(workspace.Row.No, member, by, cancellationToken);
        workspace.Members.Change(member.No, now => now with { RemovedAt = null, Banned = false });
        workspace.RefreshDirectory();
        await topics.EnterAndRefreshAsync(workspace, member.No, cancellationToken);
    }

    /// <summary>Ends what a removed member still has here: its connections, and its places in the list of peers.</summary>
    public static void TakeOff(Workspace workspace, MemberNo member, MeshError farewell, int code, string reason)
    {
        foreach (SocketConnection connection in workspace.Sockets.Connections.Where(each => each.Caller?.MemberNo == member))
        {
            if (connection.IsOurs)
                connection.Refuse(farewell);

            workspace.Lose(connection, goodbye: true);
            _ = connection.CloseAsync(code, reason);
        }

        IReadOnlyList<RosterPeer> leased = workspace.Roster.TakeAll(member);
        if (leased.Count > 0)
            workspace.News.Left(leased);

        workspace.RefreshDirectory();
    }
}
