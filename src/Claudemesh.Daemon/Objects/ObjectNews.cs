using Claudemesh.Daemon.Events;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>Tells those who follow the daemon's events what is shown anew.</summary>
internal sealed class ObjectNews(LiveWorkspace workspace, EventFeed feed)
{
    public void Tell(IReadOnlyList<KeptObject> shown)
    {
        if (!feed.HasFollowers)
            return;

        string slug = workspace.Row.Slug;
        foreach (KeptObject one in shown.Where(one => one.Id.Kind is ObjectKind.State))
            feed.Publish(slug, new LocalEvent(EventKinds.State, null, State: SharedStates.Describe(workspace, one)));
        if (shown.Any(one => one.Id.Kind is ObjectKind.Summary))
            feed.Publish(slug, new LocalEvent(EventKinds.Peer, null, Peer: new PeerChange(slug, "resync", null, null)));
    }
}
