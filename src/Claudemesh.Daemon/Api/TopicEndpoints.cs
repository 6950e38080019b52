using System.Globalization;
using Claudemesh.Daemon.Topics;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Topics: what there is, who is in them, and what was posted. Posting is <c>/v1/send</c>.</summary>
internal sealed class TopicEndpoints(TopicActions actions, TopicMembership membership, PostHistory history)
{
    public async Task ListAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        LocalReply<ListedTopics> listed = scope.Value is not { } part ? scope.Problem!
            : !LocalHttp.TryFlag(context, "archived", out bool archived) ? LocalHttp.Invalid("archived is true or false.")
            : await actions.ListAsync(part.Workspace, archived, context.RequestAborted);
        await LocalHttp.WriteAsync(context, listed, LocalJson.Default.ListedTopics);
    }

    public async Task CreateAsync(HttpContext context)
    {
        LocalReply<CreateTopic> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.CreateTopic);
        LocalReply<Scope> scope = body.Succeeded ? LocalHttp.ReadScope(context, body.Value.Workspace) : body.Problem;
        LocalReply<CreatedTopic> made = scope.Succeeded
            ? await actions.CreateAsync(body.Value! with { Workspace = scope.Value.Workspace }, context.RequestAborted)
            : scope.Problem;
        await LocalHttp.WriteAsync(context, made, LocalJson.Default.CreatedTopic, made.Value is { Created: false } ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    public Task JoinAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.JoinTopic,
        body => body.Workspace,
        (body, scope, token) => actions.JoinAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.Topic);

    public Task LeaveAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.LeaveTopic,
        body => body.Workspace,
        (body, scope, token) => actions.LeaveAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.LeftTopic);

    public Task ChangeAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ChangeTopic,
        body => body.Workspace,
        (body, scope, token) => actions.ChangeAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.Topic);

    public Task ReadAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ReadTopic,
        body => body.Workspace,
        (body, scope, token) => actions.ReadAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.Topic);

    public Task ListMembersAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => membership.ListAsync(LocalHttp.Query(context, "topic") ?? "", scope.Workspace, token), LocalJson.Default.TopicPeople);

    public Task ChangeMemberAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ChangeTopicMember,
        body => body.Workspace,
        (body, scope, token) => membership.ChangeAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.TopicMemberChanged);

    public Task ReadHistoryAsync(HttpContext context) => LocalHttp.AnswerAsync(context, (scope, token) => ReadHistoryAsync(context, scope, token), LocalJson.Default.PostPage);

    private async Task<LocalReply<PostPage>> ReadHistoryAsync(HttpContext context, Scope scope, CancellationToken cancellationToken)
    {
        int count = LocalLimits.PostPageDefault;
        if (LocalHttp.Query(context, "limit") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > LocalLimits.PostPageMax))
            return LocalHttp.Invalid($"limit is 1 to {LocalLimits.PostPageMax}.");

        var query = new PostQuery(LocalHttp.Query(context, "topic") ?? "", count, LocalHttp.Query(context, "before"), scope.Workspace);
        return await history.ReadAsync(query, cancellationToken);
    }
}
