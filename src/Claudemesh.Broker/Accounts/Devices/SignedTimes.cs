namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>Times in signed texts: what makes a text good for once is something else, so a clock may be off a good deal before it is in the way.</summary>
internal static class SignedTimes
{
    public static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(10);

    /// <param name="at">Milliseconds since 1970.</param>
    public static bool IsNear(long at, DateTimeOffset now) => Math.Abs(now.ToUnixTimeMilliseconds() - at) <= (long)SkewMax.TotalMilliseconds;
}
