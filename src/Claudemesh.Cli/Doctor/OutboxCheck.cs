using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>Nothing waits in the outbox that could be on its way.</summary>
internal static class OutboxCheck
{
    /// <summary>Over an open connection a message waits for milliseconds.</summary>
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(5);

    public static Finding Run(Checkup checkup, DaemonStatus status, TimeProvider clock)
    {
        if (checkup.OldestPending is not { } since)
            return Finding.Ok("outbox", "nothing waits to be sent");

        string waits = $"{status.Pending} wait to be sent";
        TimeSpan age = clock.GetUtcNow() - since;
        if (age < StuckAfter)
            return Finding.Ok("outbox", waits);

        bool isStuck = status.Workspaces.Any(one => one.Pending > 0 && one.State == ConnectionStates.Open);
        string longest = $"{waits}, the first of them for {age.TotalMinutes:0} minutes";
        return isStuck
            ? Finding.Error("outbox", ExitCode.Internal, $"{longest}, although the broker is connected.", "claudemesh daemon down && claudemesh daemon up")
            : Finding.Warning("outbox", $"{longest}; they go when their broker is back.", "claudemesh status");
    }
}
