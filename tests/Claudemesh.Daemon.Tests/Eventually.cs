namespace Claudemesh.Daemon.Tests;

/// <summary>Waits for something that becomes true by itself, and says what it waited for when it does not.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(string what, Func<bool> condition) => TrueAsync(what, () => Task.FromResult(condition()));

    public static async Task TrueAsync(string what, Func<Task<bool>> condition)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Longest, $"Waited in vain until {what}.");
            await Task.Delay(Again, TimeProvider.System, CancellationToken.None);
        }
    }
}
