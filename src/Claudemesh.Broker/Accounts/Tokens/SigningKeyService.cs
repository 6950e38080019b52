using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>Has another key sign access tokens when the current one is old enough.</summary>
internal sealed partial class SigningKeyService(SigningKeys keys, TimeProvider clock, ILogger<SigningKeyService> logger) : BackgroundService
{
    /// <summary>A timer's wait has a bound; beyond it the rest is waited for anew. Also how soon a write that failed is tried again.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan left = keys.RotatesAt - clock.GetUtcNow();
            if (left <= TimeSpan.Zero)
                left = TryRotate();

            await Task.Delay(left < WaitMax ? left : WaitMax, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How long until it is looked at again.</returns>
    private TimeSpan TryRotate()
    {
        try
        {
            keys.Rotate();
            LogRotated(keys.Current.KeyId);
            return WaitMax;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogFailed(failure);
            return WaitMax;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Access tokens are signed with key {Key} from now on")]
    private partial void LogRotated(string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The key that access tokens are signed with could not be changed; it is tried again in a day")]
    private partial void LogFailed(Exception failure);
}
