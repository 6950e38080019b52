using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts;

/// <summary>Tells every connection of ours whose member belongs to an account that something of it has changed. Who is away asks when he is back.</summary>
internal sealed class AccountNews(Database database, OpenWorkspaces workspaces)
{
    /// <summary>Called once what has changed is durable.</summary>
    public async Task TellAsync(AccountNo account, AccountChange what, CancellationToken cancellationToken)
    {
        HashSet<MemberNo> members = await database.ReadAsync(
            (Sql sql) => sql.List(
                "SELECT no FROM member WHERE account_no = @account AND removed_at IS NULL",
                static row => new MemberNo(row.GetInt64(0)), ("@account", account.Value)).ToHashSet(),
            cancellationToken);
        if (members.Count == 0)
            return;

        SharedFrame? frame = null;
        foreach (SocketConnection connection in workspaces.All().SelectMany(workspace => workspace.Sockets.Connections))
        {
            if (connection is not { IsOurs: true, Caller: { } caller } || !members.Contains(caller.MemberNo))
                continue;

            frame ??= FrameEncoder.Encode(new AccountChanged(what));
            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame?.Release();
    }
}
