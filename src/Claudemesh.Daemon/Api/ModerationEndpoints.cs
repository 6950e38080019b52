using Claudemesh.Daemon.Moderation;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Who is taken off a workspace and who is kept out of it, what one lets others do; and how a daemon that was taken off comes back.</summary>
internal sealed class ModerationEndpoints(WorkspaceModeration moderation, OwnGrants grants, Reconnection reconnection)
{
    public Task KickAsync(HttpContext context) => TakeOffAsync(context, moderation.KickAsync);

    public Task DisconnectAsync(HttpContext context) => TakeOffAsync(context, moderation.DisconnectAsync);

    public Task BanAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.BanMember,
        body => body.Workspace,
        (body, scope, token) => moderation.BanAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.BannedMember);

    public Task UnbanAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        (scope, token) => moderation.UnbanAsync((string)context.Request.RouteValues["peer"]!, scope.Workspace, token),
        LocalJson.Default.BannedMember);

    public Task ListBansAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => moderation.ListBansAsync(scope.Workspace, token), LocalJson.Default.BanList);

    public Task ReconnectAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.Reconnect,
        body => body.Workspace,
        (_, scope, token) => reconnection.ReconnectAsync(scope.Workspace, token),
        LocalJson.Default.Reconnected);

    public Task ChangeGrantAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ChangeGrant,
        body => body.Workspace,
        (body, scope, token) => grants.ChangeAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.PeerGrant);

    public Task ListGrantsAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => grants.ListAsync(scope.Workspace, token), LocalJson.Default.GrantList);

    private static Task TakeOffAsync(HttpContext context, Func<TakeOff, CancellationToken, Task<LocalReply<TakenOff>>> takeOff) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.TakeOff,
        body => body.Workspace,
        (body, scope, token) => takeOff(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.TakenOff);
}
