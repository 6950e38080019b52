using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// Whether the server takes writes, as its writers last found. Asked for by a timer: each second while it does not, and every
/// few seconds while it does, so that a broker that nobody uses notices too.
/// </summary>
internal sealed partial class PostgresHealth : IDisposable
{
    public static readonly TimeSpan GreetEvery = TimeSpan.FromSeconds(5);

    private readonly ILogger logger;
    private readonly Action becameGood;
    private readonly ITimer timer;
    private int good = 1;

    /// <param name="probe">Has the server probed; called on a timer's thread.</param>
    /// <param name="becameGood">What waited for the server may be written.</param>
    public PostgresHealth(TimeProvider clock, ILogger logger, Action probe, Action becameGood)
    {
        this.logger = logger;
        this.becameGood = becameGood;
        timer = clock.CreateTimer(static state => ((Action)state!)(), probe, GreetEvery, GreetEvery);
    }

    public bool IsGood => Volatile.Read(ref good) == 1;

    public void Good()
    {
        if (Interlocked.Exchange(ref good, 1) == 1)
            return;

        LogHealthyAgain();
        timer.Change(GreetEvery, GreetEvery);
        becameGood();
    }

    public void Bad(Exception failure)
    {
        if (Interlocked.Exchange(ref good, 0) == 0)
            return;

        LogFailed(failure);
        timer.Change(DatabaseWriter.ProbeInterval, DatabaseWriter.ProbeInterval);
    }

    public void Contradiction(Exception failure) => LogContradiction(failure);

    public void Dispose() => timer.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "The database does not take writes; what was on its way is answered as not written")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "A delivery step contradicts the database; its workspace is opened again")]
    private partial void LogContradiction(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database takes writes again")]
    private partial void LogHealthyAgain();
}
