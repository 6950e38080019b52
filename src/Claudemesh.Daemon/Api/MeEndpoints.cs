using System.Globalization;
using Claudemesh.Daemon.Me;
using Claudemesh.Daemon.Search;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What there is for this person over all workspaces, and looking for messages.</summary>
internal sealed class MeEndpoints(Overview overview, MessageSearch search)
{
    public Task ReadAsync(HttpContext context) =>
        LocalHttp.AnswerAsync(context, (scope, token) => overview.ReadAsync(scope.Workspace, token), LocalJson.Default.MyOverview);

    public Task ListTopicsAsync(HttpContext context) =>
        LocalHttp.AnswerAsync(context, (scope, token) => overview.ListTopicsAsync(scope.Workspace, token), LocalJson.Default.MyTopicList);

    public Task ReadActivityAsync(HttpContext context) =>
        LocalHttp.AnswerAsync(context, (scope, _) => Task.FromResult(ReadActivity(context, scope)), LocalJson.Default.MyActivity);

    public Task SearchAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.SearchMessages,
        body => body.Workspace,
        (body, scope, token) => search.FindAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.SearchResult);

    private LocalReply<MyActivity> ReadActivity(HttpContext context, Scope scope)
    {
        int count = LocalLimits.PostPageDefault;
        if (LocalHttp.Query(context, "limit") is { } limit
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > LocalLimits.PostPageMax))
            return LocalHttp.Invalid($"limit is 1 to {LocalLimits.PostPageMax}.");

        DateTimeOffset? since = null;
        if (LocalHttp.Query(context, "since") is { } typed)
        {
            if (!DateTimeOffset.TryParse(typed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
                return LocalHttp.Invalid("since is a time in ISO 8601, such as 2026-01-31T12:00Z.");
            since = time;
        }

        return overview.ReadActivity(scope.Workspace, since, count);
    }
}
