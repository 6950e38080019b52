using Claudemesh.Daemon.ApiKeys;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Keys for scripts and phones.</summary>
internal sealed class ApiKeyEndpoints(ScriptKeys keys)
{
    public async Task CreateAsync(HttpContext context)
    {
        LocalReply<CreateApiKey> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.CreateApiKey);
        LocalReply<Scope> scope = body.Succeeded ? LocalHttp.ReadScope(context, body.Value.Workspace) : body.Problem;
        LocalReply<MadeApiKey> made = scope.Succeeded
            ? await keys.CreateAsync(body.Value! with { Workspace = scope.Value.Workspace }, context.RequestAborted)
            : scope.Problem;
        await LocalHttp.WriteAsync(context, made, LocalJson.Default.MadeApiKey, StatusCodes.Status201Created);
    }

    public Task ListAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => keys.ListAsync(scope.Workspace, token), LocalJson.Default.ApiKeyListing);

    public Task RevokeAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => keys.RevokeAsync(IdOf(context), scope.Workspace, token), LocalJson.Default.RevokedApiKey);

    public Task RotateAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => keys.RotateAsync(IdOf(context), scope.Workspace, token), LocalJson.Default.RotatedApiKey);

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}
