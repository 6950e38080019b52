using System.Threading.Channels;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Topics;

/// <summary>What one connection means for the topics: they are listed when it begins, and kept by what the broker tells of them after that.</summary>
/// <param name="sharing">For topics with 1.x clients in them.</param>
internal sealed partial class TopicTraffic(WorkspaceRow row, WorkspaceTopics topics, TopicKeySharing sharing, ILogger<TopicTraffic> logger)
{
    private const int WaitingMax = 1024;

    /// <summary>Only wakes.</summary>
    private static readonly TopicChanged Nothing = new("");

    // Null asks for the whole list. What does not fit is in the list that is asked for instead.
    private readonly Channel<TopicChanged?> heard = Channel.CreateBounded<TopicChanged?>(WaitingMax);
    private volatile bool isDropped;
    private volatile bool haveKeysChanged;

    public void Hear(TopicChanged change) => Offer(change);

    /// <summary>Events were dropped on the way.</summary>
    public void Resync() => Offer(change: null);

    /// <summary>Who is a member, or a root, has changed.</summary>
    public void KeysChanged()
    {
        haveKeysChanged = true;
        Offer(Nothing);
    }

    /// <summary>Runs until the connection ends.</summary>
    public async Task RunAsync(CancellationToken connected)
    {
        await ListAsync(connected);
        while (await heard.Reader.WaitToReadAsync(connected))
        {
            while (heard.Reader.TryRead(out TopicChanged? change))
                await TakeAsync(change, connected);

            if (isDropped)
            {
                isDropped = false;
                await ListAsync(connected);
            }
            else if (haveKeysChanged)
            {
                await ShareAllAsync(connected);
            }
        }
    }

    private void Offer(TopicChanged? change)
    {
        if (!heard.Writer.TryWrite(change))
            isDropped = true;
    }

    private async Task TakeAsync(TopicChanged? change, CancellationToken connected)
    {
        if (change == Nothing)
            return;
        if (change is null)
        {
            await ListAsync(connected);
            return;
        }

        await topics.Book.ChangeAsync(change.Id, change.Info, connected);
        if (topics.Book.FindById(change.Id) is { } topic)
        {
            await topics.ReadKeysAsync(topic, connected);
            await sharing.ShareAsync(topic, connected);
        }
    }

    private async Task ListAsync(CancellationToken connected)
    {
        if (await topics.RefreshAsync(connected) is { } problem)
        {
            LogNotListed(row.Slug, problem.Error);
            return;
        }

        foreach (TopicRow topic in topics.Book.All)
            await topics.ReadKeysAsync(topic, connected);
        await ShareAllAsync(connected);
    }

    private async Task ShareAllAsync(CancellationToken connected)
    {
        haveKeysChanged = false;
        foreach (TopicRow topic in topics.Book.All)
            await sharing.ShareAsync(topic, connected);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: its topics could not be listed: {Reason}")]
    private partial void LogNotListed(string workspace, string reason);
}
