using System.Globalization;

namespace Claudemesh.Local;

/// <content>What there is for this person, over all workspaces, and looking for messages.</content>
public sealed partial class LocalClient
{
    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<MyOverview>> ReadMyOverviewAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Me, workspace), LocalJson.Default.MyOverview, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<MyTopicList>> ListMyTopicsAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.MyTopics, workspace), LocalJson.Default.MyTopicList, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    /// <param name="since">Null: a day ago.</param>
    public Task<LocalReply<MyActivity>> ReadMyActivityAsync(string? workspace, DateTimeOffset? since, int limit, CancellationToken cancellationToken) => GetAsync(
        new Query(LocalRoutes.MyActivity)
            .With("workspace", workspace)
            .With("since", since?.ToString("O", CultureInfo.InvariantCulture))
            .With("limit", limit.ToString(CultureInfo.InvariantCulture))
            .ToString(),
        LocalJson.Default.MyActivity,
        cancellationToken);

    public Task<LocalReply<SearchResult>> SearchAsync(SearchMessages search, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Search, search, LocalJson.Default.SearchMessages, LocalJson.Default.SearchResult, cancellationToken);
}
