using System.Globalization;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Claudemesh.Local;

/// <summary>
/// Speaks to the daemon at one unix socket. Refusals come back as values, also when nobody listens there
/// (<see cref="LocalErrors.DaemonUnreachable"/>). No call has a time-out of its own: the token is the caller's.
/// </summary>
/// <param name="session">The session whose program this is; null: of none.</param>
public sealed partial class LocalClient(string socketPath, string? session = null)
{
    private readonly string own = session is null ? "" : $"{SessionWords.Header}: {session}\r\n";

    /// <summary>How each answer of a daemon begins to name its version, in the header <c>Server</c>.</summary>
    public const string ServerName = "claudemeshd/";

    /// <summary>Of the daemon that answered last, as in <c>2.0.0</c>; null before the first answer.</summary>
    public string? AnsweredBy { get; private set; }

    public Task<LocalReply<DaemonVersion>> GetVersionAsync(CancellationToken cancellationToken) =>
        GetAsync(LocalRoutes.Version, SessionJson.Default.DaemonVersion, cancellationToken);

    public Task<LocalReply<DaemonStatus>> GetStatusAsync(CancellationToken cancellationToken) =>
        GetAsync(LocalRoutes.Status, LocalJson.Default.DaemonStatus, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<Checkup>> CheckAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Checkup, workspace), LocalJson.Default.Checkup, cancellationToken);

    public Task<LocalReply<WorkspaceList>> ListWorkspacesAsync(CancellationToken cancellationToken) =>
        GetAsync(LocalRoutes.Workspaces, LocalJson.Default.WorkspaceList, cancellationToken);

    public Task<LocalReply<Workspace>> CreateWorkspaceAsync(CreateWorkspace request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Workspaces, request, LocalJson.Default.CreateWorkspace, LocalJson.Default.Workspace, cancellationToken);

    public Task<LocalReply<Workspace>> JoinWorkspaceAsync(JoinWorkspace request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Join, request, LocalJson.Default.JoinWorkspace, LocalJson.Default.Workspace, cancellationToken);

    public Task<LocalReply<Invite>> CreateInviteAsync(CreateInvite request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Invites, request, LocalJson.Default.CreateInvite, LocalJson.Default.Invite, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<PeerList>> ListPeersAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Peers, workspace), LocalJson.Default.PeerList, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<MemberList>> ListMembersAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Members, workspace), LocalJson.Default.MemberList, cancellationToken);

    /// <param name="who">Without a workspace: this person in all of them.</param>
    public Task<LocalReply<SelfList>> ReadSelfAsync(WhoAmI who, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(LocalRoutes.Self).Append("?member=").Append(Text(who.Member));
        if (who.Workspace is { } workspace)
            path.Append("&workspace=").Append(Uri.EscapeDataString(workspace));
        if (who.Session is { } session)
            path.Append("&session=").Append(Uri.EscapeDataString(session));
        if (who.Caller is { } caller)
            path.Append("&caller=").Append(Uri.EscapeDataString(caller));

        return GetAsync(path.ToString(), LocalJson.Default.SelfList, cancellationToken);
    }

    public Task<LocalReply<Self>> ChangeSelfAsync(ChangeSelf change, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Self, change, LocalJson.Default.ChangeSelf, LocalJson.Default.Self, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<GroupList>> ListGroupsAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Groups, workspace), LocalJson.Default.GroupList, cancellationToken);

    /// <param name="workspace">Null: all workspaces.</param>
    /// <param name="peer">A name, a key or the beginning of one; null: everybody.</param>
    public Task<LocalReply<SafetyList>> ListSafetyAsync(string? workspace, string? peer, CancellationToken cancellationToken)
    {
        string path = WithWorkspace(LocalRoutes.Safety, workspace);
        if (peer is not null)
            path += $"{(workspace is null ? '?' : '&')}peer={Uri.EscapeDataString(peer)}";

        return GetAsync(path, LocalJson.Default.SafetyList, cancellationToken);
    }

    public Task<LocalReply<SafetyList>> MarkVerifiedAsync(MarkVerified mark, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Safety, mark, LocalJson.Default.MarkVerified, LocalJson.Default.SafetyList, cancellationToken);

    public Task<LocalReply<SendResult>> SendAsync(SendMessage message, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Send, message, LocalJson.Default.SendMessage, LocalJson.Default.SendResult, cancellationToken);

    public Task<LocalReply<InboxPage>> ReadInboxAsync(InboxQuery query, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(LocalRoutes.Inbox);
        path.Append(CultureInfo.InvariantCulture, $"?limit={query.Limit}&unread={Text(query.Unread)}&mark_seen={Text(query.MarkSeen)}");
        if (query.Workspace is { } workspace)
            path.Append("&workspace=").Append(Uri.EscapeDataString(workspace));
        if (query.From is { } from)
            path.Append("&from=").Append(Uri.EscapeDataString(from));
        if (query.After is { } after)
            path.Append(CultureInfo.InvariantCulture, $"&after={after}");

        return GetAsync(path.ToString(), LocalJson.Default.InboxPage, cancellationToken);
    }

    /// <param name="workspace">Null: the only one.</param>
    /// <param name="before">Only what was received earlier.</param>
    /// <param name="all">Everything; then nothing else is given.</param>
    public Task<LocalReply<InboxRemoved>> FlushInboxAsync(
        string? workspace, string? from, DateTimeOffset? before, bool all, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(LocalRoutes.Inbox).Append("?all=").Append(Text(all));
        if (workspace is not null)
            path.Append("&workspace=").Append(Uri.EscapeDataString(workspace));
        if (from is not null)
            path.Append("&from=").Append(Uri.EscapeDataString(from));
        if (before is { } time)
            path.Append("&before=").Append(Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture)));

        return AskAsync("DELETE", path.ToString(), default, LocalJson.Default.InboxRemoved, cancellationToken);
    }

    /// <param name="id">The broker's id of a message or its sender's, or the first 8 characters of either or more.</param>
    public Task<LocalReply<InboxRemoved>> DeleteFromInboxAsync(string id, string? workspace, CancellationToken cancellationToken) => AskAsync(
        "DELETE", WithWorkspace($"{LocalRoutes.Inbox}/{Uri.EscapeDataString(id)}", workspace), default, LocalJson.Default.InboxRemoved, cancellationToken);

    /// <param name="id">A client message id, a broker's message id, or a unique prefix of either of at least 8 characters.</param>
    public Task<LocalReply<MessageStatus>> FindMessageAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"{LocalRoutes.Messages}/{Uri.EscapeDataString(id)}", SessionJson.Default.MessageStatus, cancellationToken);

    public Task<LocalReply<Session>> OpenSessionAsync(OpenSession session, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Sessions, session, SessionJson.Default.OpenSession, SessionJson.Default.Session, cancellationToken);

    public Task<LocalReply<SessionList>> ListSessionsAsync(CancellationToken cancellationToken) =>
        GetAsync(LocalRoutes.Sessions, LocalJson.Default.SessionList, cancellationToken);

    public Task<LocalReply<Session>> CloseSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        AskAsync("DELETE", $"{LocalRoutes.Sessions}/{Uri.EscapeDataString(sessionId)}", default, SessionJson.Default.Session, cancellationToken);

    public Task<LocalReply<LogLocation>> FindLogAsync(CancellationToken cancellationToken) =>
        GetAsync(LocalRoutes.Logs, LocalJson.Default.LogLocation, cancellationToken);

    /// <summary>Stops this process and no other: whoever else has asked may have started the next one meanwhile.</summary>
    public Task<LocalReply<Stopping>> ShutDownAsync(int pid, CancellationToken cancellationToken) =>
        AskAsync("POST", string.Create(CultureInfo.InvariantCulture, $"{LocalRoutes.Shutdown}?pid={pid}"), default, SessionJson.Default.Stopping, cancellationToken);

    public Task<LocalReply<Stopping>> ShutDownAsync(CancellationToken cancellationToken) =>
        AskAsync("POST", LocalRoutes.Shutdown, default, SessionJson.Default.Stopping, cancellationToken);

    /// <summary>
    /// Follows the daemon's events until the connection ends; the caller reconnects with the last id it saw.
    /// The first element is the problem when the daemon refuses; nothing follows it.
    /// </summary>
    /// <param name="session">Null: everything; else the messages for this open session only.</param>
    public IAsyncEnumerable<LocalReply<LocalEvent>> FollowAsync(
        string? workspace, string? session, string? lastEventId, CancellationToken cancellationToken) =>
        FollowAsync(workspace, session, lastEventId, static _ => Task.CompletedTask, cancellationToken);

    /// <param name="following">Called once from here on nothing is missed: what is asked then, and what is told afterwards, leave no gap.</param>
    public IAsyncEnumerable<LocalReply<LocalEvent>> FollowAsync(
        string? workspace, string? session, string? lastEventId, Func<CancellationToken, Task> following, CancellationToken cancellationToken)
    {
        string path = WithWorkspace(LocalRoutes.Events, workspace);
        if (session is not null)
            path += $"{(workspace is null ? '?' : '&')}session={Uri.EscapeDataString(session)}";
        return FollowPathAsync(path, lastEventId, following, cancellationToken);
    }

    private async IAsyncEnumerable<LocalReply<LocalEvent>> FollowPathAsync(
        string path, string? lastEventId, Func<CancellationToken, Task> following, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string headers = "Accept: text/event-stream\r\n" + (lastEventId is null ? "" : $"Last-Event-ID: {Uri.EscapeDataString(lastEventId)}\r\n");
        (SocketExchange? exchange, LocalProblem? problem) = await TryStartAsync("GET", path, headers, default, cancellationToken);
        if (exchange is null)
        {
            yield return problem!;
            yield break;
        }

        await using (exchange)
        {
            if (!exchange.Succeeded)
            {
                yield return await ReadProblemAsync(exchange, cancellationToken);
                yield break;
            }

            await following(cancellationToken);
            SseParser<LocalEvent?> parser = SseParser.Create(exchange.Body, ParseEvent);
            await using IAsyncEnumerator<SseItem<LocalEvent?>> items = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveNextAsync(items))
            {
                if (items.Current.Data is { } known)
                    yield return known with { Id = items.Current.EventId };
            }
        }
    }

    /// <summary>A daemon that stops or dies ends the stream; how does not matter to who follows.</summary>
    private static async ValueTask<bool> TryMoveNextAsync<T>(IAsyncEnumerator<SseItem<T>> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static string WithWorkspace(string route, string? workspace) =>
        workspace is null ? route : $"{route}?workspace={Uri.EscapeDataString(workspace)}";

    private static LocalEvent? ParseEvent(string kind, ReadOnlySpan<byte> data) => kind switch
    {
        EventKinds.Message => new(kind, null, Message: JsonSerializer.Deserialize(data, SessionJson.Default.InboxItem)),
        EventKinds.Post => new(kind, null, Post: JsonSerializer.Deserialize(data, SessionJson.Default.Post)),
        EventKinds.Receipt => new(kind, null, Receipt: JsonSerializer.Deserialize(data, SessionJson.Default.MessageStatus)),
        EventKinds.Peer => new(kind, null, Peer: JsonSerializer.Deserialize(data, SessionJson.Default.PeerChange)),
        EventKinds.Broker => new(kind, null, Broker: JsonSerializer.Deserialize(data, SessionJson.Default.WorkspaceStatus)),
        EventKinds.State => new(kind, null, State: JsonSerializer.Deserialize(data, SessionJson.Default.SharedState)),
        EventKinds.Resync or EventKinds.Stopping or EventKinds.Current => new(kind, null),
        _ => null,
    };

    private Task<LocalReply<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        AskAsync("GET", path, default, type, cancellationToken);

    private Task<LocalReply<TReply>> PostAsync<TRequest, TReply>(
        string path, TRequest body, JsonTypeInfo<TRequest> bodyType, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
        where TReply : class =>
        AskAsync("POST", path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), replyType, cancellationToken);

    private async Task<LocalReply<T>> AskAsync<T>(
        string method, string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        (SocketExchange? exchange, LocalProblem? problem) = await TryStartAsync(method, path, "", body, cancellationToken);
        if (exchange is null)
            return problem!;

        await using (exchange)
        {
            if (!exchange.Succeeded)
                return await ReadProblemAsync(exchange, cancellationToken);

            try
            {
                return await JsonSerializer.DeserializeAsync(exchange.Body, type, cancellationToken) is { } value ? value : BadReply("null");
            }
            catch (JsonException error)
            {
                return BadReply(error.Message);
            }
            catch (IOException error)
            {
                return Unreachable(error.Message);
            }
        }
    }

    private async Task<(SocketExchange? Exchange, LocalProblem? Problem)> TryStartAsync(
        string method, string path, string headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (DaemonHome.CheckSocketPath(socketPath) is { } tooLong)
            return (null, tooLong);
        if (body.Length > LocalLimits.BodyBytesMax)
            return (null, LocalProblem.Of(LocalErrors.PayloadTooLarge, $"A request has at most {LocalLimits.BodyBytesMax} bytes, and this one {body.Length}.", 413, ExitCode.BadArguments));

        try
        {
            SocketExchange exchange = await SocketExchange.StartAsync(socketPath, method, path, own + headers, body, cancellationToken);
            AnsweredBy = exchange.Server is { } server && server.StartsWith(ServerName, StringComparison.Ordinal) ? server[ServerName.Length..] : null;
            return (exchange, null);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AccessDenied)
        {
            return (null, HomeFolder.Foreign(Path.GetDirectoryName(socketPath)!));
        }
        catch (SocketException error)
        {
            return (null, Unreachable(error.SocketErrorCode.ToString()));
        }
        catch (IOException error)
        {
            return (null, Unreachable(error.Message));
        }
    }

    private static async Task<LocalProblem> ReadProblemAsync(SocketExchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(exchange.Body, SessionJson.Default.LocalProblem, cancellationToken) ?? BadReply("null");
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return BadReply($"HTTP {exchange.Status}");
        }
    }

    private LocalProblem Unreachable(string why) =>
        LocalProblem.Of(LocalErrors.DaemonUnreachable, $"No daemon answers at {socketPath} ({why}).", 503, ExitCode.Network, retryable: true);

    private static LocalProblem BadReply(string what) =>
        LocalProblem.Of(LocalErrors.BadReply, $"The daemon's answer could not be read ({what}); it may be of another version.", 502, ExitCode.Internal);
}
