using System.Threading.Channels;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Inbox;

/// <summary>
/// Opens what waited for a root or for the log, once they are here. A message that opens comes into the inbox anew, at its end, so that whoever follows the
/// inbox sees it; one that turns out to be unreadable for good says why from then on.
/// </summary>
/// <param name="stored">Told how many became readable, after they are on disk.</param>
internal sealed partial class LateOpening(WorkspaceRow row, InboxStore inbox, Opener opener, Action<int> stored, ILogger<LateOpening> logger)
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
        while (inbox.ReadSealed(row.No, after, PageMax) is { Count: > 0 } page)
        {
            after = page[^1].Seq;
            int opened = 0;
            foreach ((long seq, byte[] frame) in page)
            {
                if (!FrameReader.TryRead(frame, out Push? push, out _))
                    continue;

                Arrival arrival = await opener.OpenAsync(push, connected);
                if (arrival.Sealed is not null)
                    continue;

                await inbox.ReplaceSealedAsync(row.No, seq, arrival, CancellationToken.None);
                opened++;
            }

            if (opened == 0)
                continue;
            LogOpened(row.Slug, opened);
            stored(opened);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace}: {Count} messages that waited for a key or the log are decided")]
    private partial void LogOpened(string workspace, int count);
}
