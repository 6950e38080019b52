using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Sessions;

/// <summary>
/// What of the inbox is put before one open session: what was sent to it, and what was sent to its member, who is not told apart from his sessions. Not
/// what it sent itself, not what waits until it is asked for (<c>low</c>), not what could not be read, and nothing of another session. It is never marked
/// as read by that: a push is a hint.
/// </summary>
/// <param name="Closed">Cancelled when the session is closed.</param>
internal sealed record SessionMail(string SessionId, string? Workspace, InboxStore Inbox, JoinedWorkspaces Workspaces, CancellationToken Closed)
{
    /// <summary>Stored after a sequence, oldest first.</summary>
    /// <param name="through">Everything up to here has been looked at; at least <paramref name="after"/>.</param>
    public List<InboxItem> ReadAfter(long? workspaceNo, long after, int limit, out long through)
    {
        long last = Inbox.LastSequence();
        List<InboxItem> page = Inbox.ReadForSession(workspaceNo, SessionId, after, limit);
        through = page.Count == limit ? page[^1].Sequence : Math.Max(after, Math.Max(last, page.Count == 0 ? 0 : page[^1].Sequence));
        page.RemoveAll(IsItsOwn);
        return page;
    }

    private bool IsItsOwn(InboxItem item) =>
        item.SenderSessionKey is { } key
        && Workspaces.Find(item.Workspace) is { } workspace
        && workspace.Identity.IsOwn(item.SenderKey)
        && workspace.Identity.IsSessionKey(SessionId, key);
}
