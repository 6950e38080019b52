using System.Threading.Channels;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Topics;

/// <summary>Opens the posts that waited for a root or for the log, once they are here. One that opens arrives anew, so that whoever follows sees it.</summary>
/// <param name="opened">Told after some have become readable.</param>
internal sealed partial class LatePosts(WorkspaceRow row, WorkspaceTopics topics, Action opened, ILogger<LatePosts> logger)
{
    private const int PageMax = 256;

    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A log or a root has changed, or was looked for.</summary>
    public void Wake() => wake.Writer.TryWrite(true);

    /// <summary>Runs until the connection ends. What waits is on disk, so nothing is lost between.</summary>
    public async Task RunAsync(CancellationToken connected)
    {
        while (await wake.Reader.WaitToReadAsync(connected))
        {
            wake.Reader.TryRead(out _);
            await OpenAllAsync(connected);
        }
    }

    private async Task OpenAllAsync(CancellationToken connected)
    {
        long after = 0;
        while (topics.Posts.ReadSealed(row.No, after, PageMax) is { Count: > 0 } page)
        {
            after = page[^1].Seq;
            int count = 0;
            foreach ((long seq, byte[] frame) in page)
            {
                if (!FrameReader.TryRead(frame, out Push? push, out _) || PostMaker.TopicOf(push) is not { } topic)
                    continue;

                NewPost post = await topics.OpenAsync(topic, push, connected);
                if (post.Arrival.Sealed is not null)
                    continue;

                await topics.Posts.ReplaceSealedAsync(row.No, seq, post, CancellationToken.None);
                count++;
            }

            if (count == 0)
                continue;
            LogOpened(row.Slug, count);
            opened();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace}: {Count} posts that waited for a key or the log are decided")]
    private partial void LogOpened(string workspace, int count);
}
