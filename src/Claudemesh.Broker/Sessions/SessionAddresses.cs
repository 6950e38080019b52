using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sessions;

/// <summary>Session keys as addresses: who has one, for good, once its member has vouched for it.</summary>
internal sealed class SessionAddresses(SessionStore sessions)
{
    /// <summary>The owner of a member's or session's key; asks the store for a session that is not in use.</summary>
    public async ValueTask<MailboxOwner?> FindAsync(Workspace workspace, PublicKey key, CancellationToken cancellationToken)
    {
        if (workspace.Addresses.Find(key) is { } known)
            return known;

        if (await sessions.FindAsync(workspace.Row.No, key, cancellationToken) is not { } row
            || workspace.Members.Find(row.Member) is not { } member)
        {
            return null;
        }

        MailboxOwner owner = new(row.Mailbox, member.No, member.Key, key);
        workspace.Addresses.Put(owner);
        return owner;
    }

    /// <summary>
    /// Makes the key this member's, with a mailbox of its own. Null when it is a member's key, or when another member's
    /// session has it: a key never changes hands.
    /// </summary>
    public async ValueTask<MailboxOwner?> ClaimAsync(
        Workspace workspace, MeshMember member, PublicKey key, string sessionId, CancellationToken cancellationToken)
    {
        if (workspace.Members.Find(key) is not null || await FindAsync(workspace, key, cancellationToken) is { } other && other.Member != member.No)
            return null;

        SessionRow row = await sessions.OpenAsync(workspace.Row.No, member.No, key, sessionId, cancellationToken);
        if (row.Member != member.No)
            return null;

        MailboxOwner owner = new(row.Mailbox, member.No, member.Key, key);
        workspace.Addresses.Put(owner);
        return owner;
    }

    /// <summary>Notes that the session has ended; what waits for it goes to its member after a day.</summary>
    public async ValueTask CloseAsync(Workspace workspace, MailboxOwner owner, CancellationToken cancellationToken)
    {
        if (owner.Session is { } key)
            await sessions.CloseAsync(workspace.Row.No, key, cancellationToken);
    }
}
