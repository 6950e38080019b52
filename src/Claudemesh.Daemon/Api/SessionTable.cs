using System.Collections.Frozen;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What a limited session needs for each route. A route that is not here takes <see cref="SessionCapabilities.Admin"/>.</summary>
internal static class SessionTable
{
    private static readonly FrozenDictionary<string, SessionCapabilities> Needs = Rows().ToFrozenDictionary(row => row.Route, row => row.Needs, StringComparer.Ordinal);

    /// <summary>What no limited session may do, whatever it was left: change a limit.</summary>
    private static readonly FrozenSet<string> Never = new[] { "POST " + LocalRoutes.SessionLimit }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="route">Method and pattern.</param>
    public static SessionCapabilities NeededFor(string route) => Needs.GetValueOrDefault(route, SessionCapabilities.Admin);

    public static bool Allows(string route, SessionCapabilities capabilities) => !Never.Contains(route) && capabilities.HasFlag(NeededFor(route));

    private static IEnumerable<(string Route, SessionCapabilities Needs)> Rows() =>
    [
        // To be there, and to know how one is.
        .. Of(SessionCapabilities.None,
            "GET " + LocalRoutes.Version, "GET " + LocalRoutes.Status, "GET " + LocalRoutes.Self, "GET " + LocalRoutes.Logs,
            "GET " + LocalRoutes.Sessions, "POST " + LocalRoutes.Sessions, "DELETE " + LocalRoutes.Sessions + "/{id}"),
        .. Of(SessionCapabilities.Read,
            "GET " + LocalRoutes.Checkup, "GET " + LocalRoutes.Workspaces, "GET " + LocalRoutes.Peers, "GET " + LocalRoutes.Members, "GET " + LocalRoutes.Groups,
            "GET " + LocalRoutes.Log, "GET " + LocalRoutes.LogCheck, "GET " + LocalRoutes.Safety, "GET " + LocalRoutes.Grants,
            "GET " + LocalRoutes.Inbox, "GET " + LocalRoutes.Messages + "/{id}", "GET " + LocalRoutes.Events,
            "GET " + LocalRoutes.Topics, "GET " + LocalRoutes.TopicMembers, "GET " + LocalRoutes.TopicHistory, "POST " + LocalRoutes.TopicRead,
            "GET " + LocalRoutes.Me, "GET " + LocalRoutes.MyTopics, "GET " + LocalRoutes.MyActivity, "POST " + LocalRoutes.Search,
            "GET " + LocalRoutes.Notifications, "POST " + LocalRoutes.NotificationsRead,
            "GET " + LocalRoutes.State, "GET " + LocalRoutes.Memories),
        .. Of(SessionCapabilities.Send, "POST " + LocalRoutes.Send),
        .. Of(SessionCapabilities.Topics,
            "POST " + LocalRoutes.Topics, "POST " + LocalRoutes.TopicJoin, "POST " + LocalRoutes.TopicLeave, "POST " + LocalRoutes.TopicChange,
            "POST " + LocalRoutes.TopicMembers),
        .. Of(SessionCapabilities.State,
            "POST " + LocalRoutes.State, "DELETE " + LocalRoutes.State, "POST " + LocalRoutes.Memories, "DELETE " + LocalRoutes.Memories + "/{id}"),
        .. Of(SessionCapabilities.Self, "POST " + LocalRoutes.Self),
    ];

    private static IEnumerable<(string Route, SessionCapabilities Needs)> Of(SessionCapabilities needs, params string[] routes) =>
        routes.Select(route => (route, needs));
}
