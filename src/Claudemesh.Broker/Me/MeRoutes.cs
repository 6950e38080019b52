using System.Globalization;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Me;

/// <summary>What there is for who asks, under 1.x's names: in the key's workspace, or in all of the account's.</summary>
internal static class MeRoutes
{
    private static readonly RestParameter Limit = new(MePostsEndpoint.Limit, "How many, 1 to 200.", ParameterKind.Number);

    public static RestRoutes MapMe(this RestRoutes routes) => routes
        .Add(new("GET", "/me/workspace", Operation.ReadTopics, KeyReach.Filtered, "Shows who you are in your workspaces, and how much there is in them.", MeEndpoint.ShowWorkspacesAsync)
        {
            Reply = typeof(MyWorkspaces),
            SpansAccount = true,
        })
        .Add(new("GET", "/me/topics", Operation.ReadTopics, KeyReach.Filtered, "Lists topics with what you have not read, the newest activity first.", call => call.Get<MeEndpoint>().ListTopicsAsync(call))
        {
            Reply = typeof(MyTopicRows),
            SpansAccount = true,
        })
        .Add(new("GET", "/me/notifications", Operation.ReadTopics, KeyReach.Filtered, "Lists posts that mention you and that you have not read, newest first.", call => call.Get<MeEndpoint>().ListNotificationsAsync(call))
        {
            Query =
            [
                new(MeEndpoint.Include, "all: those too that are read."),
                new(MeEndpoint.Since, "Of posts made then or later; seven days ago if absent.", ParameterKind.Time),
                new(MeEndpoint.Limit, "How many, 1 to 100; 100 if absent.", ParameterKind.Number),
                NotificationRoutes.Before,
            ],
            Reply = typeof(MyNotificationRows),
            SpansAccount = true,
            Refusals = [MeshError.InvalidSince],
        })
        .Add(new("GET", "/me/activity", Operation.ReadTopics, KeyReach.Filtered, "Lists what others have posted, newest first.", call => call.Get<MePostsEndpoint>().ListActivityAsync(call))
        {
            Query = [new(MePostsEndpoint.Since, "Posts made then or later; a day ago if absent.", ParameterKind.Time), Limit, NotificationRoutes.Before],
            Reply = typeof(MyActivityRows),
            SpansAccount = true,
            Refusals = [MeshError.InvalidSince],
        })
        .Add(new("GET", "/me/search", Operation.ReadTopics, KeyReach.Filtered, "Finds topics by name and description, and posts by their sender's name and their plain text.", call => call.Get<MePostsEndpoint>().SearchAsync(call))
        {
            Query =
            [
                new(MePostsEndpoint.Query, string.Create(CultureInfo.InvariantCulture, $"What to find, in any case; 2 to {MePostsEndpoint.QueryCharsMax} characters, each of them as it is.")),
                Limit,
                NotificationRoutes.Before,
            ],
            Reply = typeof(MySearchRows),
            SpansAccount = true,
        })
        .Add(new("GET", "/me/state", Operation.ReadObjects, KeyReach.Workspace, "Lists shared values, newest first; encrypted ones by name and revision.", call => call.Get<MeObjectsEndpoint>().ListStateAsync(call))
        {
            Query = [new(MeObjectsEndpoint.Key, "Only the value of this key.")],
            Reply = typeof(MyStateRows),
            SpansAccount = true,
        })
        .Add(new("GET", "/me/memory", Operation.ReadObjects, KeyReach.Workspace, "Lists memories, newest first; encrypted ones by name and revision.", call => call.Get<MeObjectsEndpoint>().ListMemoriesAsync(call))
        {
            Query = [new(MeObjectsEndpoint.Query, "Only those in clear that have these words, the best first; at most 200 characters.")],
            Reply = typeof(MyMemoryRows),
            SpansAccount = true,
        });
}
