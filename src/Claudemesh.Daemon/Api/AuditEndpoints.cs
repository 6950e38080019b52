using System.Globalization;
using Claudemesh.Daemon.Auditing;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Api;

/// <summary>What was done in a workspace, and whether its chain is sound.</summary>
internal sealed class AuditEndpoints(AuditTrail trail)
{
    public async Task ReadAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, scope.Problem);
            return;
        }

        if (!TryNumber(context, "limit", 1, AuditQuery.LimitMax, out long? limit)
            || !TryNumber(context, "after", 0, long.MaxValue, out long? after)
            || !TryNumber(context, "wait_seconds", 0, (long)LocalLimits.WaitMax.TotalSeconds, out long? wait))
        {
            await LocalHttp.WriteProblemAsync(context, LocalHttp.Invalid(
                $"limit is 1 to {AuditQuery.LimitMax}, after an entry's number, wait_seconds at most {(int)LocalLimits.WaitMax.TotalSeconds}."));
            return;
        }

        LocalReply<AuditListing> read = await trail.ReadAsync(
            scope.Value.Workspace, (int)(limit ?? AuditQuery.LimitUsual), after, TimeSpan.FromSeconds(wait ?? 0), context.RequestAborted);
        await LocalHttp.WriteAsync(context, read, LocalJson.Default.AuditListing);
    }

    public Task CheckAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => trail.CheckAsync(scope.Workspace, token), LocalJson.Default.AuditCheck);

    private static bool TryNumber(HttpContext context, string name, long min, long max, out long? number)
    {
        number = null;
        if (LocalHttp.Query(context, name) is not { } text)
            return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long read) || read < min || read > max)
            return false;

        number = read;
        return true;
    }
}
