using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Moderation;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What is signed into a workspace's log, and the log itself.</summary>
internal sealed class MemberEndpoints(MemberChanges changes, LogViews views)
{
    public Task AdmitAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.AdmitMember,
        body => body.Workspace,
        (body, scope, token) => changes.AdmitAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.ChangedMember);

    public Task ChangeRoleAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ChangeRole,
        body => body.Workspace,
        (body, scope, token) => changes.ChangeRoleAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.ChangedMember);

    public Task RemoveAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.RemoveMember,
        body => body.Workspace,
        (body, scope, token) => changes.RemoveAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.ChangedMember);

    public Task RotateAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.RotateKeys,
        body => body.Workspace,
        (body, scope, token) => changes.RotateAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.RotatedKeys);

    public Task ShowLogAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => views.ShowAsync(scope.Workspace, token), LocalJson.Default.LogListing);

    public Task CheckLogAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => views.CheckAsync(scope.Workspace, token), LocalJson.Default.LogCheck);
}
