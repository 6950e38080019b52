using System.Globalization;
using Claudemesh.Daemon.Objects;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>State and memory.</summary>
internal sealed class ObjectEndpoints(SharedStates states, Memories memories)
{
    public Task ListStateAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, _) => Task.FromResult(states.List(scope.Workspace, LocalHttp.Query(context, "key"))), LocalJson.Default.SharedStateList);

    public Task ChangeStateAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ChangeState,
        body => body.Workspace,
        (body, scope, token) => states.ChangeAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.SharedState);

    public Task DeleteStateAsync(HttpContext context) => TryNumber(context, "if_revision", long.MaxValue, out long? revision)
        ? LocalHttp.AnswerAsync(
            context, (scope, token) => states.DeleteAsync(scope.Workspace, LocalHttp.Query(context, "key"), revision, token), LocalJson.Default.SharedState)
        : LocalHttp.WriteProblemAsync(context, LocalHttp.Invalid("if_revision is a whole number from 0."));

    public Task KeepMemoryAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.KeepMemory,
        body => body.Workspace,
        (body, scope, token) => memories.KeepAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.Memory);

    public Task ListMemoriesAsync(HttpContext context)
    {
        string? query = LocalHttp.Query(context, "q");
        if (!TryNumber(context, "limit", LocalLimits.MemoriesMax, out long? limit) || limit is 0)
            return LocalHttp.WriteProblemAsync(context, LocalHttp.Invalid($"limit is 1 to {LocalLimits.MemoriesMax}."));
        if (query?.Length > LocalLimits.QueryCharsMax)
            return LocalHttp.WriteProblemAsync(context, LocalHttp.Invalid($"q has at most {LocalLimits.QueryCharsMax} characters."));

        return LocalHttp.AnswerAsync(
            context,
            (scope, _) => Task.FromResult(memories.List(scope.Workspace, query, LocalHttp.Query(context, "tag"), (int)(limit ?? LocalLimits.MemoriesDefault))),
            LocalJson.Default.MemoryList);
    }

    public Task ForgetMemoryAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        (scope, token) => memories.ForgetAsync((string)context.Request.RouteValues["id"]!, scope.Workspace, token),
        LocalJson.Default.ForgottenMemory);

    private static bool TryNumber(HttpContext context, string name, long max, out long? value)
    {
        value = null;
        if (LocalHttp.Query(context, name) is not { } text)
            return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > max)
            return false;

        value = number;
        return true;
    }
}
