using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>Writes when keys were last used, some seconds after the first use that is not written, and once more at the end.</summary>
internal sealed partial class KeyUseService(KeyUse use, TimeProvider clock, ILogger<KeyUseService> logger) : BackgroundService
{
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await use.WaitAsync(stoppingToken);
                await Task.Delay(Delay, clock, stoppingToken);
                await TryWriteAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await TryWriteAsync();
        }
    }

    private async Task TryWriteAsync()
    {
        try
        {
            await use.WriteAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is IOException or DbException)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Writing when API keys were last used failed; it is tried again")]
    private partial void LogFailed(Exception failure);
}
