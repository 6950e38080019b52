using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Topics;

/// <summary>The topics of one workspace at work: listing them, reading back what was posted, and making posts of what is pushed.</summary>
/// <param name="learnNames">Sees to it that members are known by their names; a dm is called by one.</param>
/// <param name="arrived">Told after posts have arrived that were not pushed.</param>
internal sealed class WorkspaceTopics(
    WorkspaceRow row, BrokerLink link, WorkspaceKeys keys, TopicBook book, PostStore posts, PostMaker maker, Opener opener, Func<CancellationToken, Task> learnNames, Action arrived) : IDisposable
{
    private const int ListAttemptsMax = 5;

    // What has no reply is seen in what the broker tells of the topic after it.
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(10);

    public TopicBook Book => book;

    public PostStore Posts => posts;

    public PostMaker Maker => maker;

    /// <summary>Asks for the list afresh.</summary>
    /// <returns>Why it could not be asked; then what is known last counts.</returns>
    public async Task<LocalProblem?> RefreshAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            long heard = book.Heard;
            LocalReply<TopicList> listed = await link.AskAsync<TopicListRequest, TopicList>(new TopicListRequest(Archived: true), cancellationToken);
            if (listed.Value is not { } list)
                return listed.Problem;

            // A change that was heard of meanwhile may be newer than the list.
            if (book.Heard != heard && attempt < ListAttemptsMax)
                continue;

            await book.ReplaceAsync(list.Topics, cancellationToken);
            return null;
        }
    }

    /// <summary>Reads the log of a private topic and sees to its root, as far as that can be done now.</summary>
    public async Task ReadKeysAsync(TopicRow topic, CancellationToken cancellationToken)
    {
        if (topic.IsPublic || topic.Role is null || keys.Find(topic.Scope) is not { } scope)
            return;
        if (scope.State.Head.Seq == 0 && await keys.ReadOnAsync(scope, cancellationToken) is not null)
            return;
        await keys.WhenRead(scope, cancellationToken);
        if (scope.State.Epoch > 0 && scope.FindRoot() is null)
            await keys.FetchAsync(scope, cancellationToken);
        if (topic.IsDm)
            await learnNames(cancellationToken);
    }

    /// <summary>Tells the broker, and waits until it says that it is so.</summary>
    /// <param name="isSo">Asked of the topic as it is listed then; null: it is not for this person any more.</param>
    public async Task<LocalProblem?> TellAsync<TNotice>(TNotice notice, string id, Func<TopicRow?, bool> isSo, TimeProvider clock, CancellationToken cancellationToken)
        where TNotice : class, INotice
    {
        if (link.Trouble is { } trouble)
            return trouble;

        using var longest = new CancellationTokenSource(ToldWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellationToken);
        try
        {
            await link.NotifyAsync(notice, cancellationToken);
            while (true)
            {
                Task next = book.NextChange();
                if (isSo(book.FindById(id)))
                    return null;
                await next.WaitAsync(either.Token);
            }
        }
        catch (IOException)
        {
            return BrokerProblems.Unreachable(row.Broker, "The connection was lost while it was asked.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblems.Refused("", "it did not do what it was asked; the daemon's log has its reason.");
        }
    }

    /// <summary>Tells the broker something that needs no answer.</summary>
    public async Task<LocalProblem?> NotifyAsync<TNotice>(TNotice notice, CancellationToken cancellationToken)
        where TNotice : class, INotice
    {
        try
        {
            await link.NotifyAsync(notice, cancellationToken);
            return null;
        }
        catch (IOException)
        {
            return link.Trouble ?? BrokerProblems.Unreachable(row.Broker, "The connection was lost while it was asked.");
        }
    }

    /// <summary>Reads posts back from the broker, opens and stores them.</summary>
    /// <param name="beforeId">Only older ones than this; null: the newest.</param>
    /// <returns>How far back it was read, and why it could not be.</returns>
    public async Task<ReadBack> ReadBackAsync(string topicId, string? beforeId, int count, CancellationToken cancellationToken)
    {
        int left = count;
        long newest = 0;
        bool more = true;
        string? cursor = beforeId;
        while (left > 0 && more)
        {
            LocalReply<TopicPage> asked = await link.AskAsync<TopicHistory, TopicPage>(new TopicHistory(topicId, left, cursor), cancellationToken);
            if (asked.Value is not { } page)
                return new ReadBack(newest, More: true, asked.Problem);

            if (page.Messages.Length == 0)
                return new ReadBack(newest, More: false, null);

            newest = Math.Max(newest, page.Messages.Max(post => post.Position ?? 0));
            await KeepAsync(topicId, page.Messages, cancellationToken);
            left -= page.Messages.Length;
            cursor = page.Messages[^1].Id.Value;
            more = page.More ?? page.Messages.Length >= left;
        }

        return new ReadBack(newest, more, null);
    }

    /// <summary>Opens and makes a post of what was pushed or kept.</summary>
    public async Task<NewPost> OpenAsync(string topicId, Push push, CancellationToken cancellationToken) => maker.Make(topicId, await opener.OpenAsync(push, cancellationToken));

    public void Dispose() => book.Dispose();

    private async Task KeepAsync(string topicId, TopicPost[] page, CancellationToken cancellationToken)
    {
        MeshId mesh = MeshId.Parse(row.MeshId);
        var opened = new List<NewPost>(page.Length);
        foreach (TopicPost post in page.Reverse())
            opened.Add(await OpenAsync(topicId, PostMaker.AsPush(post, mesh, topicId), cancellationToken));
        if (await posts.KeepAsync(row.No, topicId, opened, cancellationToken) > 0)
            arrived();
    }
}

/// <param name="Newest">The position of the newest that was read; 0 for none.</param>
/// <param name="More">Whether there are older ones.</param>
internal sealed record ReadBack(long Newest, bool More, LocalProblem? Problem);
