using System.Collections.Concurrent;
using System.Threading.Channels;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Sessions;

/// <summary>
/// The running sessions of this person, announced in their workspaces for as long as their processes live. Nothing is stored: a session's key is
/// derived from its id, and the program that runs it opens it again after a restart of the daemon.
/// </summary>
internal sealed partial class OpenSessions(
    JoinedWorkspaces workspaces, InboxStore inbox, ProcessEnds ends, SessionLimits limits, TimeProvider clock, ILogger<OpenSessions> logger)
{
    public const int SessionsMax = 256;

    // Only where the operating system does not tell of a process's end.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Entry> open = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    // Each session's process ends once; a full channel is looked at again with those that nobody tells of.
    private readonly Channel<(string Id, SessionProcess Process)> ended =
        Channel.CreateBounded<(string, SessionProcess)>(new BoundedChannelOptions(SessionsMax * 4) { SingleReader = true });

    public IEnumerable<Session> List(string? workspace) =>
        open.Values.Select(entry => Describe(entry)).Where(session => workspace is null || session.Workspaces.Contains(workspace, StringComparer.Ordinal));

    /// <param name="opener">All that the caller may do, which the session has no more than; null: he is not limited.</param>
    public async Task<LocalReply<Session>> OpenAsync(OpenSession request, SessionCapabilities? opener, CancellationToken cancellationToken)
    {
        if (FindFault(request) is { } fault)
            return LocalProblem.Of(LocalErrors.InvalidRequest, fault, 400, ExitCode.BadArguments);
        if (SessionProcess.Find(request.Pid) is not { } process)
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"There is no process {request.Pid}.", 400, ExitCode.BadArguments);
        if (open.Count >= SessionsMax && !open.ContainsKey(request.SessionId))
            return LocalProblem.Of(LocalErrors.TooManyRequests, $"{SessionsMax} sessions are open already.", 429, ExitCode.Denied);

        if (workspaces.Require(request.Workspace).Problem is { } unknown)
            return unknown;

        await limits.OpenedAsync(
            request.SessionId, process, request.Limit is { } asked ? SessionCapabilityWords.Read(asked) : null, opener, cancellationToken);
        Entry entry = Enter(request, process);
        await AnnounceAsync(entry, cancellationToken);
        return Describe(entry);
    }

    /// <summary>A person gives a session less than he has, or gives it back. It holds from the next request on.</summary>
    public async Task<LocalReply<Session>> LimitAsync(LimitSession request, CancellationToken cancellationToken)
    {
        LocalReply<Entry> found = Find(request.Session);
        if (found.Value is not { } entry)
            return found.Problem!;

        int said = (request.Allow is null ? 0 : 1) + (request.Deny is null ? 0 : 1) + (request.None ? 1 : 0) + (request.Lift ? 1 : 0);
        if (said != 1)
            return LocalProblem.Of(LocalErrors.InvalidRequest, "Exactly one of allow, deny, none and lift says what the session is left.", 400, ExitCode.BadArguments);
        if (SessionCapabilityWords.Read(request.Allow ?? request.Deny ?? []) is not { } named)
            return LocalProblem.Of(LocalErrors.InvalidRequest, SessionCapabilityWords.Unknown, 400, ExitCode.BadArguments);

        SessionCapabilities left = request switch
        {
            { Lift: true } => SessionCapabilities.All,
            { Allow: not null } => named,
            { Deny: not null } => SessionCapabilities.All & ~named,
            _ => SessionCapabilities.None,
        };
        await limits.SetAsync(entry.Request.SessionId, entry.Process, left, cancellationToken);
        LogLimited(entry.Request.SessionId, left);
        return Describe(entry);
    }

    /// <summary>By its id, or by its name, which only one has.</summary>
    private LocalReply<Entry> Find(string named)
    {
        Entry? found = open.GetValueOrDefault(named)
            ?? open.Values.FirstOrDefault(entry => string.Equals(entry.Request.Name, named, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
            return found;

        string? meant = NearestMatch.Find(named, open.Values.SelectMany(entry => new[] { entry.Request.Name, entry.Request.SessionId }));
        return LocalProblem.Of(LocalErrors.SessionNotFound, $"No session {named} is open.{NearestMatch.DidYouMean(meant)}", 404, ExitCode.NotFound);
    }

    /// <inheritdoc cref="Acting.Find"/>
    public LocalReply<Acting> FindActing(LiveWorkspace workspace, WhoAmI who, int? caller) => Acting.Find(
        workspace.Row.Slug, [.. open.Values.Select(entry => entry.Request).Where(session => workspace.IsSessionOpen(session.SessionId))], who, caller);

    /// <summary>What is to be put before an open session.</summary>
    /// <param name="workspace">Only of this workspace; null: of all that the session is in.</param>
    public LocalReply<SessionMail> FindMail(string sessionId, string? workspace)
    {
        if (!open.TryGetValue(sessionId, out Entry? entry)
            || (workspace is not null && !Describe(entry).Workspaces.Contains(workspace, StringComparer.Ordinal)))
            return NotOpen(sessionId);
        return new SessionMail(sessionId, workspace ?? entry.Request.Workspace, inbox, workspaces, entry.Closed.Token);
    }

    public async Task<LocalReply<Session>> CloseAsync(string sessionId, string? workspace, CancellationToken cancellationToken)
    {
        if (!open.TryGetValue(sessionId, out Entry? entry)
            || (workspace is not null && !Describe(entry).Workspaces.Contains(workspace, StringComparer.Ordinal))
            || !open.TryRemove(KeyValuePair.Create(sessionId, entry)))
            return NotOpen(sessionId);

        Session closed = Describe(entry);
        entry.Watch?.Dispose();
        await entry.Closed.CancelAsync();
        await Task.WhenAll(workspaces.All.Select(one => one.Sessions.WithdrawAsync(sessionId, cancellationToken)));

        // Opened anew meanwhile, by a process that took the place of the one that ended: what was withdrawn is its announcement.
        if (open.TryGetValue(sessionId, out Entry? again))
            await AnnounceAsync(again, cancellationToken);
        return closed;
    }

    /// <summary>A workspace joined after a session was opened everywhere has it too, and one that was opened again those that are its alone.</summary>
    public async Task AnnounceInAsync(LiveWorkspace workspace, CancellationToken cancellationToken)
    {
        foreach (Entry entry in open.Values.Where(one => one.Request.Workspace is null || string.Equals(one.Request.Workspace, workspace.Row.Slug, StringComparison.Ordinal)))
            await workspace.Sessions.AnnounceAsync(entry.Request, cancellationToken);
    }

    /// <summary>Sessions that belong to one workspace stay in it under its new name.</summary>
    public void Renamed(string before, string after)
    {
        foreach ((string id, Entry entry) in open.Where(one => string.Equals(one.Value.Request.Workspace, before, StringComparison.Ordinal)))
            open.TryUpdate(id, entry with { Request = entry.Request with { Workspace = after } }, entry);
    }

    /// <summary>Closes sessions as soon as their processes have ended, until the daemon stops.</summary>
    public async Task WatchAsync(CancellationToken stopping) => await await Task.WhenAny(CloseEndedAsync(stopping), LookAsync(stopping));

    private async Task CloseEndedAsync(CancellationToken stopping)
    {
        while (await ended.Reader.WaitToReadAsync(stopping))
        {
            // All at once: a broker that is slow to answer about one does not keep the others open.
            var closing = new List<Task>();
            while (ended.Reader.TryRead(out (string Id, SessionProcess Process) one))
            {
                if (!open.TryGetValue(one.Id, out Entry? entry) || entry.Process != one.Process)
                    continue;

                LogEnded(one.Id, one.Process.Pid);
                closing.Add(CloseAsync(one.Id, null, stopping));
            }

            await Task.WhenAll(closing);
        }
    }

    private Task AnnounceAsync(Entry entry, CancellationToken cancellationToken) =>
        Task.WhenAll(workspaces.In(entry.Request.Workspace).Select(one => one.Sessions.AnnounceAsync(entry.Request, cancellationToken)));

    private async Task LookAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            foreach ((string id, Entry entry) in open)
            {
                if (entry.Watch is null && !entry.Process.IsAlive)
                    await ended.Writer.WriteAsync((id, entry.Process), stopping);
            }
        }
    }

    /// <summary>Opening an open session again keeps what it had: its place in the inbox, who follows it, and the watch on a process that is the same.</summary>
    private Entry Enter(OpenSession request, SessionProcess process)
    {
        lock (gate)
        {
            string id = request.SessionId;
            string name = SessionName.MakeDistinct(request.Name, open.Values.Where(other => other.Request.SessionId != id).Select(other => other.Request.Name));
            open.TryGetValue(id, out Entry? before);
            Entry entry = before is null
                ? new Entry(request, process, null, clock.GetUtcNow(), inbox.LastSequence(), new CancellationTokenSource())
                : before with { Process = process };
            if (entry.Watch is null || before?.Process != process)
            {
                entry.Watch?.Dispose();
                entry = entry with { Watch = ends.TryWatch(process, () => ended.Writer.TryWrite((id, process))) };
            }

            return open[id] = entry with { Request = request with { Name = name } };
        }
    }

    private static LocalProblem NotOpen(string sessionId) =>
        LocalProblem.Of(LocalErrors.SessionNotFound, $"No session {sessionId} is open.", 404, ExitCode.NotFound);

    private Session Describe(Entry entry) => new(
        entry.Request.SessionId,
        entry.Request.Name,
        entry.Request.Cwd,
        entry.Request.Pid,
        [.. workspaces.In(entry.Request.Workspace).Select(workspace => workspace.Row.Slug)],
        entry.OpenedAt,
        entry.OpenedAfter,
        limits.Find(entry.Request.SessionId) is { } left ? SessionCapabilityWords.Write(left) : null);

    private static string? FindFault(OpenSession request)
    {
        if (!SessionId.TryParse(request.SessionId, out _))
            return $"session_id must be {SessionId.Rule}.";
        if (!DisplayName.TryParse(request.Name, out _))
            return $"name must be {DisplayName.Rule}.";
        if (request.Cwd.Length > WireLimits.PathCharsMax)
            return $"cwd has at most {WireLimits.PathCharsMax} characters.";
        if (request.Groups is { } groups && (groups.Count > WireLimits.GroupsMax || groups.Any(group => !GroupName.TryParse(group, out _))))
            return $"groups are at most {WireLimits.GroupsMax}, each {GroupName.Rule}.";
        if (request.Tags is { } tags && (tags.Count > WireLimits.TagsMax || tags.Any(tag => !TagName.TryParse(tag, out _))))
            return $"tags are at most {WireLimits.TagsMax}, each {TagName.Rule}.";
        if (request.Limit is { } limit && SessionCapabilityWords.Read(limit) is null)
            return SessionCapabilityWords.Unknown;
        return request.Model is { Length: > WireLimits.ModelCharsMax } ? $"model has at most {WireLimits.ModelCharsMax} characters." : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} ended with process {Pid}")]
    private partial void LogEnded(string session, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} is left {Capabilities}")]
    private partial void LogLimited(string session, SessionCapabilities capabilities);

    /// <param name="Watch">Null where the operating system does not tell of a process's end.</param>
    /// <param name="OpenedAfter">The last of the inbox when it was opened.</param>
    private sealed record Entry(
        OpenSession Request, SessionProcess Process, IDisposable? Watch, DateTimeOffset OpenedAt, long OpenedAfter, CancellationTokenSource Closed);
}
