using System.Diagnostics;
using Claudemesh.Daemon.Sessions;

namespace Claudemesh.Daemon.Tests.Sessions;

public sealed class ProcessEndsTests : IDisposable
{
    private readonly ProcessEnds ends = new();

    public void Dispose() => ends.Dispose();

    [Fact]
    [Trait("cli", "7 daemon: a list of processes that stalls it")]
    public async Task The_end_of_each_watched_process_is_told_once_and_only_its_own()
    {
        using Process first = Sleeper.Start();
        using Process second = Sleeper.Start();
        var firstEnded = new TaskCompletionSource();
        var secondEnded = new TaskCompletionSource();
        Assert.NotNull(ends.TryWatch(SessionProcess.Find(first.Id)!.Value, firstEnded.SetResult));
        Assert.NotNull(ends.TryWatch(SessionProcess.Find(second.Id)!.Value, secondEnded.SetResult));

        first.Kill();
        await firstEnded.Task.WaitAsync(Sleeper.Patience);
        Assert.False(secondEnded.Task.IsCompleted);

        second.Kill();
        await secondEnded.Task.WaitAsync(Sleeper.Patience);
    }

    [Fact]
    public async Task A_watch_that_was_ended_tells_nothing()
    {
        using Process left = Sleeper.Start();
        using Process kept = Sleeper.Start();
        var keptEnded = new TaskCompletionSource();
        bool told = false;
        ends.TryWatch(SessionProcess.Find(left.Id)!.Value, () => told = true)!.Dispose();
        Assert.NotNull(ends.TryWatch(SessionProcess.Find(kept.Id)!.Value, keptEnded.SetResult));

        left.Kill();
        await left.WaitForExitAsync();
        kept.Kill();
        await keptEnded.Task.WaitAsync(Sleeper.Patience);
        Assert.False(told);
    }

    [Fact]
    public async Task A_number_that_means_another_process_by_now_is_not_watched()
    {
        using Process process = Sleeper.Start();
        SessionProcess earlier = SessionProcess.Find(process.Id)!.Value with { StartedAt = "1" };
        Assert.Null(ends.TryWatch(earlier, () => { }));

        process.Kill();
        await process.WaitForExitAsync();
        Assert.Null(ends.TryWatch(earlier, () => { }));
    }
}

/// <summary>A process that lives until it is killed.</summary>
internal static class Sleeper
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Process Start() => Process.Start("sleep", "600");
}
