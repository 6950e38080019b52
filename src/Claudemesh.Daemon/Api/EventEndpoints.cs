using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Daemon.Events;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>
/// Server-sent events. Messages carry their sequence as the id and come from the inbox, so that a reader who names the last one he saw gets every later
/// one once; without a last id the stream begins with now. The stream of a session has its messages only and ends with it.
/// </summary>
internal sealed class EventEndpoints(
    EventFeed feed, InboxStore inbox, PostStore posts, PostFollowings choice, OpenSessions sessions, JoinedWorkspaces workspaces, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private const int PageMax = 100;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task FollowAsync(HttpContext context)
    {
        LocalReply<Part> chosen = await ChooseAsync(context);
        if (chosen.Value is not { } part)
        {
            await LocalHttp.WriteProblemAsync(context, chosen.Problem!);
            return;
        }

        using EventFeed.Follower? follower = feed.Follow(part.Slug, messagesOnly: part.Mail is not null);
        if (follower is null)
        {
            await LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
                LocalErrors.TooManyRequests, $"{EventFeed.FollowersMax} programs follow already.", 429, ExitCode.Internal, retryable: true));
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping, part.Mail?.Closed ?? CancellationToken.None);
        try
        {
            await StreamAsync(context, follower, part, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader has gone, the session is closed or the daemon stops; in each case the stream is at its end.
            if (lifetime.ApplicationStopping.IsCancellationRequested && context.Response.HasStarted)
                await WriteAsync(context, Encode(new LocalEvent(EventKinds.Stopping, null)), context.RequestAborted);
        }
    }

    private async Task<LocalReply<Part>> ChooseAsync(HttpContext context)
    {
        if (!LocalHttp.TryFlag(context, "posts", out bool all))
            return LocalHttp.Invalid("posts is true or false.");

        string[] named = [.. context.Request.Query["topic"].OfType<string>()];
        if (!all && named.Length == 0)
            return Choose(context);
        if ((all && named.Length > 0) || LocalHttp.Query(context, "session") is not null)
            return LocalHttp.Invalid("Only one of session, topic and posts is given.");

        LocalReply<PostFollowing> following = await choice.ChooseAsync(context, named);
        return following.Value is { } chosen
            ? new Part(null, null, long.MaxValue, chosen.After, chosen)
            : following.Problem!;
    }

    private LocalReply<Part> Choose(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded)
            return scope.Problem;

        string? workspace = scope.Value.Workspace;
        SessionMail? mail = null;
        if (LocalHttp.Query(context, "session") is { } id)
        {
            LocalReply<SessionMail> found = sessions.FindMail(id, workspace);
            if (!found.Succeeded)
                return found.Problem;

            mail = found.Value;
            workspace = mail.Workspace;
        }

        LocalReply<LiveWorkspace[]> within = workspaces.Require(workspace);
        if (!within.Succeeded)
            return within.Problem;

        // An inbox that is younger than the reader, who would otherwise wait for ever for its sequences to come up to his.
        long last = inbox.LastSequence();
        string lastId = context.Request.Headers["Last-Event-ID"].ToString();
        long after = last;
        if (lastId.Length > 0 && !long.TryParse(lastId, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return LocalHttp.Invalid("Last-Event-ID is the id of a message event.");
        return new Part(workspace is null ? null : within.Value[0], mail, Math.Min(after, last), posts.LastSequence());
    }

    private async Task StreamAsync(HttpContext context, EventFeed.Follower follower, Part part, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await WriteAsync(context, ": connected\n\n"u8.ToArray(), cancellationToken);

        // What was stored before this reader followed and after the id it named.
        follower.SignalMessages();
        follower.SignalPosts();
        foreach (LiveWorkspace workspace in part.Posts?.Workspaces ?? [])
            follower.Offer(new LocalEvent(EventKinds.Broker, null, Broker: workspace.DescribeConnection()));
        (long after, long afterPost, bool isTold) = (part.After, part.AfterPost, false);
        while (true)
        {
            if (follower.TakeMessageSignal() && part.Posts is null)
                after = await WriteMessagesAsync(context, part, after, cancellationToken);
            if (follower.TakePostSignal() && part.Mail is null)
                afterPost = await WritePostsAsync(context, part, afterPost, cancellationToken);
            if (part.Posts is not null && !isTold)
                await WriteAsync(context, EncodeCurrent(afterPost), cancellationToken);
            isTold = true;
            while (follower.TryTake(out LocalEvent happened))
            {
                if (part.Posts is null || part.Posts.IsAbout(happened))
                    await WriteAsync(context, Encode(happened), cancellationToken);
            }

            if (!await WaitAsync(follower, cancellationToken))
                await WriteAsync(context, ":\n\n"u8.ToArray(), cancellationToken);
        }
    }

    /// <returns>False after a while in which nothing happened: a line keeps the connection's ends from doubting each other.</returns>
    private async Task<bool> WaitAsync(EventFeed.Follower follower, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Heartbeat, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await follower.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<long> WriteMessagesAsync(HttpContext context, Part part, long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            long before = after;
            foreach (InboxItem item in ReadPage(part, before, out after))
                await WriteAsync(context, Encode(EventKinds.Message, item, LocalJson.Default.InboxItem, item.Sequence), cancellationToken);

            if (after == before)
                return after;
        }
    }

    /// <summary>Read from the store, so that however slow a reader is he misses none.</summary>
    private async Task<long> WritePostsAsync(HttpContext context, Part part, long after, CancellationToken cancellationToken)
    {
        PostPart wanted = part.Posts?.Part ?? new PostPart(part.Workspace?.Row.No);
        while (posts.ReadAfter(wanted, after, PageMax) is { Count: > 0 } page)
        {
            foreach (StoredPost stored in page)
            {
                long? id = part.Posts is null ? null : stored.Post.Sequence;
                await WriteAsync(context, Encode(EventKinds.Post, stored.Post, LocalJson.Default.Post, id), cancellationToken);
            }

            after = page[^1].Post.Sequence;
        }

        return after;
    }

    private List<InboxItem> ReadPage(Part part, long after, out long through)
    {
        if (part.Mail is { } mail)
            return mail.ReadAfter(part.Workspace?.Row.No, after, PageMax, out through);

        List<InboxItem> page = inbox.ReadAfter(part.Workspace?.Row.No, after, PageMax);
        through = page.Count > 0 ? page[^1].Sequence : after;
        return page;
    }

    private static byte[] Encode(LocalEvent happened) => happened switch
    {
        { Receipt: { } receipt } => Encode(happened.Kind, receipt, LocalJson.Default.MessageStatus),
        { Peer: { } peer } => Encode(happened.Kind, peer, LocalJson.Default.PeerChange),
        { State: { } state } => Encode(happened.Kind, state, LocalJson.Default.SharedState),
        { Broker: { } broker } => Encode(happened.Kind, broker, LocalJson.Default.WorkspaceStatus),
        { Log: { } log } => Encode(happened.Kind, log, LocalJson.Default.LogState),
        _ => System.Text.Encoding.UTF8.GetBytes($"event: {happened.Kind}\ndata: {{}}\n\n"),
    };

    /// <summary>With an id, so that a reader to whom nothing has come yet can go on behind here.</summary>
    private static byte[] EncodeCurrent(long after) =>
        System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {after}\nevent: {EventKinds.Current}\ndata: {{}}\n\n"));

    private static byte[] Encode<T>(string kind, T data, JsonTypeInfo<T> type, long? id = null)
    {
        string json = JsonSerializer.Serialize(data, type);
        string idLine = id is { } number ? string.Create(CultureInfo.InvariantCulture, $"id: {number}\n") : "";
        return System.Text.Encoding.UTF8.GetBytes($"{idLine}event: {kind}\ndata: {json}\n\n");
    }

    private static async Task WriteAsync(HttpContext context, byte[] bytes, CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(bytes, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>What one reader follows.</summary>
    /// <param name="Workspace">Null: all.</param>
    /// <param name="Mail">Null: everything, not a session's messages only.</param>
    /// <param name="AfterPost">The sequence of the last post that it has.</param>
    /// <param name="Posts">Null: everything, not posts only.</param>
    private sealed record Part(LiveWorkspace? Workspace, SessionMail? Mail, long After, long AfterPost, PostFollowing? Posts = null)
    {
        public string? Slug => Posts is null ? Workspace?.Row.Slug : Posts.Slug;
    }
}
