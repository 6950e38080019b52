namespace Claudemesh.EndToEnd.Tests;

/// <summary>Waits for what another process is about to do, and says what it waited for when it does not come.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    public static async Task<T> IsAsync<T>(string what, Func<Task<T?>> look)
        where T : class
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < Patience)
        {
            if (await look() is { } found)
                return found;

            await Task.Delay(Between, TimeProvider.System);
        }

        throw new TimeoutException($"Waited {Patience} for: {what}.");
    }
}
