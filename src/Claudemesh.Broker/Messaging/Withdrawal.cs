using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Refuses to its senders what waits for a member that was removed. Retention does the same a minute later, for what a crash left over or
/// was committed at the same moment.
/// </summary>
internal sealed class Withdrawal(Database database)
{
    /// <summary>Call after the removal is written and the workspace's directory knows of it.</summary>
    public async Task RunAsync(Workspace workspace, MemberNo member, CancellationToken cancellationToken)
    {
        List<(MailboxNo No, MailboxKind Kind)> mailboxes = await database.ReadAsync(
            (Sql sql) => sql.List(
                "SELECT no, kind FROM mailbox WHERE mesh_no = @mesh AND kind IN (1, 2) AND owner_no = @member ORDER BY no",
                static row => (new MailboxNo(row.GetInt64(0)), (MailboxKind)row.GetInt64(1)),
                ("@mesh", workspace.Row.No.Value), ("@member", member.Value)),
            cancellationToken);
        foreach ((MailboxNo mailbox, MailboxKind kind) in mailboxes)
        {
            for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
            {
                LaneTask task = new(LaneWork.Withdraw, workspace.Row.No, mailbox, kind, lane);
                await foreach (Expired expired in TakeOutAsync(database, task, cancellationToken))
                    workspace.Loop.Post(expired);
            }
        }
    }

    /// <summary>Takes entries out slice by slice, each in a transaction of its own; what comes is to be told to the workspace's core.</summary>
    public static async IAsyncEnumerable<Expired> TakeOutAsync(
        Database database, LaneTask task, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (OutcomeState state, string? reason) = LaneSlices.OutcomeOf(task.Work);
        while (await database.WriteAsync(scope => LaneSlices.Expire(scope, task, database.Writer.Moves), cancellationToken)
            is { IsEmpty: false } lapsed)
        {
            yield return new Expired(task.Mailbox, lapsed, state, reason);
        }
    }
}
