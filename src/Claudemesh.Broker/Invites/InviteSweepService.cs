using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Invites;

/// <summary>Sweeps invites each minute: expiry is an event of the clock alone. A round that fails is tried again with the next.</summary>
internal sealed partial class InviteSweepService(InviteSweep sweep, TimeProvider clock, ILogger<InviteSweepService> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await sweep.RunOnceAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is IOException or DbException)
            {
                LogFailed(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweeping invites failed; it is tried again in a minute")]
    private partial void LogFailed(Exception failure);
}
