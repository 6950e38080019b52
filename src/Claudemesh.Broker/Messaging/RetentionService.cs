using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Runs retention while the broker runs, and tells the workspaces that are open. One that is not has nothing in memory to
/// correct, and is told of waiting re-filings once it is.
/// </summary>
internal sealed class RetentionService(
    Database database, OpenWorkspaces workspaces, MailboxStore mailboxes, RetentionMetrics metrics, TimeProvider clock,
    ILogger<Retention> logger)
    : BackgroundService, IRetentionListener
{
    private const int ReadersPerWriteMax = 500;

    public void OnExpired(MeshNo mesh, Expired expired) => Find(mesh)?.Loop.Post(expired);

    public void OnRefile(MeshNo mesh, Refile refile) => Find(mesh)?.Loop.Post(refile);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        new Retention(database, new RetentionTimes(), this, metrics, clock, logger).RunAsync(stoppingToken),
        SeeReadersAsync(stoppingToken));

    /// <summary>A device that stays connected for a month is not one that was not seen for a month.</summary>
    private async Task SeeReadersAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(MailboxStore.SeenEvery, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            IEnumerable<ReaderNo> attached = workspaces.All().SelectMany(static workspace => workspace.Sockets.Connections)
                .SelectMany(static connection => connection.Readers.Select(static reader => reader.No).Concat(connection.TopicReaders))
                .Where(MailboxStore.IsKept);
            foreach (ReaderNo[] some in attached.Chunk(ReadersPerWriteMax))
                await SeeAsync(some, cancellationToken);
        }
    }

    private async Task SeeAsync(ReaderNo[] readers, CancellationToken cancellationToken)
    {
        try
        {
            await mailboxes.SeeReadersAsync(readers, cancellationToken);
        }
        catch (DatabaseUnavailableException)
        {
            // An hour later is soon enough.
        }
    }

    private Workspace? Find(MeshNo mesh) => workspaces.All().FirstOrDefault(workspace => workspace.Row.No == mesh);
}
