using System.Data.Common;
using System.Threading.Channels;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Workspaces;

/// <summary>
/// Deletes the rows of workspaces that have ended, a thousand at a time. It goes on at the broker's start where the last one stopped; what fails is tried
/// again with the next that is deleted, or after a minute.
/// </summary>
internal sealed partial class WorkspaceDeletion(Database database, TimeProvider clock, ILogger<WorkspaceDeletion> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There is something to delete.</summary>
    public void Wake() => wakes.Writer.TryWrite(true);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await database.ReadAsync((Sql sql) => sql.FindNumber("SELECT no FROM mesh WHERE deleted_at IS NOT NULL LIMIT 1"), cancellationToken) is { } mesh)
        {
            foreach (string slice in DeletionSlices.All)
                await DeleteAsync(new MeshNo(mesh), slice, cancellationToken);

            await database.WriteAsync(
                scope => scope.Sql.Execute("UPDATE mesh SET deleted_at = NULL WHERE no = @mesh", ("@mesh", mesh)), cancellationToken);
            LogDeleted(mesh);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Wake();
        while (await wakes.Reader.WaitToReadAsync(stoppingToken))
        {
            wakes.Reader.TryRead(out _);
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is IOException or DbException)
            {
                LogFailed(failure);
                await Task.Delay(RetryAfter, clock, stoppingToken);
                Wake();
            }
        }
    }

    private async Task DeleteAsync(MeshNo mesh, string slice, CancellationToken cancellationToken)
    {
        while (await database.WriteAsync(
            scope => scope.Sql.Execute(
                slice,
                ("@mesh", mesh.Value), ("@first", new MessageRef(mesh, 0).Value), ("@last", new MessageRef(mesh, MessageRef.PositionMax).Value),
                ("@limit", (long)DeletionSlices.RowsMax)),
            cancellationToken) == DeletionSlices.RowsMax)
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything of workspace number {Mesh} is deleted")]
    private partial void LogDeleted(long mesh);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleting a workspace failed; it goes on in a minute")]
    private partial void LogFailed(Exception failure);
}
