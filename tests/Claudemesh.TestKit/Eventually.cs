namespace Claudemesh.TestKit;

/// <summary>Waits for what is done by others and tells nobody that it is done.</summary>
public static class Eventually
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);

    /// <param name="what">In words, for the failure.</param>
    public static Task IsAsync(string what, Func<bool> look) => IsAsync(what, () => Task.FromResult(look()));

    /// <param name="what">In words, for the failure.</param>
    public static async Task IsAsync(string what, Func<Task<bool>> look)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!await look())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TestSocket.Patience)
                throw new TimeoutException($"Waited {TestSocket.Patience} for: {what}.");

            await Task.Delay(Between, TimeProvider.System);
        }
    }
}
