using System.Globalization;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Sending, reading, and what became of what was sent.</summary>
internal sealed class MessageEndpoints(Outgoing outgoing, InboxStore inbox, InboxRemoval removal, JoinedWorkspaces workspaces, ReadReceipts receipts)
{
    private const string IdempotencyKey = "Idempotency-Key";

    public async Task SendAsync(HttpContext context)
    {
        LocalReply<SendMessage> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.SendMessage);
        LocalReply<Scope> scope = LocalHttp.ReadScope(context, body.Value?.Workspace);
        if (!body.Succeeded || !scope.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, body.Problem ?? scope.Problem!);
            return;
        }

        string? key = context.Request.Headers[IdempotencyKey].ToString() is { Length: > 0 } header ? header : null;
        SendMessage request = body.Value with { Workspace = scope.Value.Workspace, ClientMessageId = body.Value.ClientMessageId ?? key };
        LocalReply<SendResult> sent = await outgoing.SendAsync(request, context.RequestAborted);
        int status = sent.Value is { Again: true } ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await LocalHttp.WriteAsync(context, sent, LocalJson.Default.SendResult, status);
    }

    public Task FindAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        return LocalHttp.WriteAsync(context, outgoing.Find(id, LocalHttp.DoorWorkspace(context)), LocalJson.Default.MessageStatus);
    }

    public async Task ReadInboxAsync(HttpContext context)
    {
        LocalReply<InboxQuery> asked = ReadQuery(context);
        LocalReply<LiveWorkspace[]> within = asked.Value is null ? asked.Problem! : workspaces.Require(asked.Value.Workspace);
        if (asked.Value is not { } query || within.Value is not { } chosen)
        {
            await LocalHttp.WriteProblemAsync(context, asked.Problem ?? within.Problem!);
            return;
        }

        long? workspaceNo = query.Workspace is null ? null : chosen[0].Row.No;
        InboxPage page = inbox.Read(workspaceNo, query.From, query.Unread, query.Limit, query.After) with
        {
            KeyChanges = [.. chosen.SelectMany(workspace => ChangedKeys.Of(workspace, workspace.Clock.GetUtcNow()))],
        };
        if (query.MarkSeen)
        {
            long[] unread = [.. page.Items.Where(item => item.SeenAt is null).Select(item => item.Sequence)];
            int seen = unread.Length == 0 ? 0 : await inbox.MarkSeenAsync(unread, receipts.Enabled, context.RequestAborted);
            page = page with { Unread = Math.Max(0, page.Unread - seen) };
            foreach (LiveWorkspace workspace in seen == 0 ? [] : chosen)
                workspace.TellRead();
        }

        await LocalHttp.WriteAsync(context, page, LocalJson.Default.InboxPage);
    }

    public async Task FlushInboxAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        string? from = LocalHttp.Query(context, "from");
        string? before = LocalHttp.Query(context, "before");
        DateTimeOffset earlier = default;
        LocalProblem? problem = scope.Problem;
        if (!LocalHttp.TryFlag(context, "all", out bool all))
            problem ??= LocalHttp.Invalid("all is true or false.");
        if (before is not null && !DateTimeOffset.TryParse(before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out earlier))
            problem ??= LocalHttp.Invalid("before is a time in ISO 8601.");
        // Nothing given must not mean everything.
        if (all == (from is not null || before is not null))
            problem ??= LocalHttp.Invalid("Say what to remove: before, from or both; or all alone.");

        LocalReply<InboxRemoved> removed = problem is not null
            ? problem
            : await removal.FlushAsync(scope.Value!.Workspace, from, before is null ? null : earlier, context.RequestAborted);
        await LocalHttp.WriteAsync(context, removed, LocalJson.Default.InboxRemoved);
    }

    public async Task DeleteFromInboxAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        LocalReply<InboxRemoved> removed = scope.Succeeded ? await removal.DeleteAsync(id, scope.Value.Workspace, context.RequestAborted) : scope.Problem;
        await LocalHttp.WriteAsync(context, removed, LocalJson.Default.InboxRemoved);
    }

    private static LocalReply<InboxQuery> ReadQuery(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded)
            return scope.Problem;
        if (!LocalHttp.TryFlag(context, "unread", out bool unread) || !LocalHttp.TryFlag(context, "mark_seen", out bool markSeen))
            return LocalHttp.Invalid("unread and mark_seen are true or false.");
        if (!TryNumber(context, "limit", out long? limit) || limit is < 1 or > LocalLimits.InboxPageMax)
            return LocalHttp.Invalid($"limit is 1 to {LocalLimits.InboxPageMax}.");
        if (!TryNumber(context, "after", out long? after) || after < 0)
            return LocalHttp.Invalid("after is a sequence of the inbox.");

        return new InboxQuery(
            scope.Value.Workspace, LocalHttp.Query(context, "from"), unread, (int)(limit ?? LocalLimits.InboxPageDefault), after, markSeen);
    }

    private static bool TryNumber(HttpContext context, string name, out long? value)
    {
        value = null;
        if (LocalHttp.Query(context, name) is not { } text)
            return true;
        bool parsed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        value = number;
        return parsed;
    }
}

/// <summary>Whether senders are told that a person has read their messages here.</summary>
/// <param name="Enabled">False with <c>CLAUDEMESH_READ_RECEIPTS=off</c>.</param>
internal sealed record ReadReceipts(bool Enabled)
{
    private const string Variable = "CLAUDEMESH_READ_RECEIPTS";

    public static ReadReceipts FromEnvironment() =>
        new(!string.Equals(Environment.GetEnvironmentVariable(Variable), "off", StringComparison.OrdinalIgnoreCase));
}
