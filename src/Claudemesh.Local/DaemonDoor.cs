using System.Runtime.Versioning;

namespace Claudemesh.Local;

/// <summary>Asks the daemon, and starts it first when it is not there.</summary>
/// <param name="version">
/// An older daemon is stopped, and one of this version started in its place, where the program on the disk is of it. Null: any daemon will do.
/// </param>
/// <param name="session">The session whose program this is; null: of none.</param>
[UnsupportedOSPlatform("windows")]
public sealed class DaemonDoor(DaemonHome home, DaemonProgram program, TimeProvider clock, string? version = null, string? session = null)
{
    /// <summary>The longest that a daemon may take to be ready; a loaded machine needs a part of it.</summary>
    public static readonly TimeSpan StartMax = TimeSpan.FromSeconds(15);

    /// <summary>How long calls with a daemon of their own wait for each other: there is one writer at a time.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(60);

    /// <summary>The longest that an answer may take, beyond what the request itself asks to wait.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>How long another daemon that holds the lock may keep us from starting ours, before it is tried again.</summary>
    private static readonly TimeSpan LockRetryEvery = TimeSpan.FromMilliseconds(300);

    /// <summary>At the daemon's own socket; starts nothing and bounds nothing.</summary>
    public LocalClient Client { get; } = new(home.Socket, session);

    /// <summary>This program's session may not stop a daemon.</summary>
    private bool keeps;

    /// <summary>The version of the daemon that was replaced on the way; null when none was.</summary>
    public string? Replaced { get; private set; }

    /// <summary>Whether the daemon behind it lives for one call of this process only.</summary>
    public bool IsForOneCall => program.IsForOneCall;

    /// <summary>The door of a daemon that is started for one call of this process.</summary>
    /// <param name="folder">This call's alone.</param>
    public DaemonDoor ForOneCall(string folder)
    {
        var doors = new DaemonHome(home.Folder, folder);
        return new DaemonDoor(doors, program.ForOneCall(doors), clock, version: null, session);
    }

    /// <summary>Waits by the clock by which the daemon is waited for.</summary>
    public Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) => Task.Delay(pause, clock, cancellationToken);

    /// <summary>For requests that do no harm when they are made twice: one round trip when the daemon is there.</summary>
    public async Task<LocalReply<T>> AskAsync<T>(
        Func<LocalClient, CancellationToken, Task<LocalReply<T>>> ask, CancellationToken cancellationToken, TimeSpan waits = default)
        where T : class
    {
        LocalReply<T> reply = await AskBoundedAsync(ask, waits, cancellationToken);
        if (!IsAway(reply.Problem) && !ReleaseVersion.IsOlder(Client.AnsweredBy, version))
            return reply;

        (_, LocalProblem? problem) = await StartAsync(cancellationToken);
        // What an older daemon has done is done. What it refused it may only not know yet.
        if (reply.Succeeded)
            return reply;

        return problem is null ? await AskBoundedAsync(ask, waits, cancellationToken) : problem;
    }

    /// <summary>For requests that must not be made twice.</summary>
    public async Task<LocalReply<T>> AskOnceAsync<T>(Func<LocalClient, CancellationToken, Task<LocalReply<T>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        (_, LocalProblem? problem) = await StartAsync(cancellationToken);
        return problem is null ? await AskBoundedAsync(ask, TimeSpan.Zero, cancellationToken) : problem;
    }

    /// <summary>Asks only a daemon that is running.</summary>
    public Task<LocalReply<T>> AskRunningAsync<T>(Func<LocalClient, CancellationToken, Task<LocalReply<T>>> ask, CancellationToken cancellationToken)
        where T : class =>
        AskBoundedAsync(ask, TimeSpan.Zero, cancellationToken);

    /// <summary>Returns when a daemon answers. Readiness is an answer: a socket file may be a dead daemon's.</summary>
    public async Task<(DaemonFound? Found, LocalProblem? Problem)> StartAsync(CancellationToken cancellationToken)
    {
        long begun = clock.GetTimestamp();
        long triedAt = begun;
        int child = 0;
        bool hasStarted = false;
        while (true)
        {
            LocalReply<DaemonVersion> reply = await AskRunningAsync((daemon, token) => daemon.GetVersionAsync(token), cancellationToken);
            if (reply.Succeeded)
            {
                if (Replaced is not null || keeps || !await IsToBeReplacedAsync(reply.Value, cancellationToken))
                    return (new DaemonFound(reply.Value, hasStarted && child == reply.Value.Pid), null);

                if (await RetireAsync(reply.Value, cancellationToken) is { } stuck)
                    return (null, stuck);

                Replaced = keeps ? null : reply.Value.Version;
                begun = clock.GetTimestamp();
                continue;
            }

            if (!IsAway(reply.Problem))
                return (null, reply.Problem);

            if (child != 0 && DetachedProcess.FindExitCode(child) is { } exitCode)
            {
                child = 0;
                // Another daemon holds the lock: it is about to answer, or about to be gone.
                if (exitCode != (int)ExitCode.Exists)
                    return (null, program.TellEnd(exitCode));

                // That one stays; a private one like ours will be gone in a moment.
                if (program.IsForOneCall && await FindOtherAsync(cancellationToken) is { } other)
                    return (null, Held(other));
            }

            if (child == 0 && (!hasStarted || clock.GetElapsedTime(triedAt) > LockRetryEvery))
            {
                (child, LocalProblem? problem) = program.Start();
                if (problem is not null)
                    return (null, problem);

                hasStarted = true;
                triedAt = clock.GetTimestamp();
            }

            if (clock.GetElapsedTime(begun) > (program.IsForOneCall ? TurnMax : StartMax))
                return (null, program.IsForOneCall ? NoTurn() : TooSlow());

            await Task.Delay(PollEvery, clock, cancellationToken);
        }
    }

    /// <summary>Waits until no daemon answers any more.</summary>
    /// <returns>False when one still does after <see cref="StartMax"/>.</returns>
    public async Task<bool> WaitUntilGoneAsync(CancellationToken cancellationToken)
    {
        long begun = clock.GetTimestamp();
        while (clock.GetElapsedTime(begun) < StartMax)
        {
            LocalReply<DaemonVersion> reply = await AskRunningAsync((daemon, token) => daemon.GetVersionAsync(token), cancellationToken);
            if (reply.Problem?.Error is LocalErrors.DaemonUnreachable)
                return true;

            await Task.Delay(PollEvery, clock, cancellationToken);
        }

        return false;
    }

    private async Task<bool> IsToBeReplacedAsync(DaemonVersion running, CancellationToken cancellationToken) =>
        ReleaseVersion.IsOlder(running.Version, version) && await program.IsOfAsync(version!, cancellationToken);

    /// <summary>Stops an older daemon. What it has not sent yet it leaves in the outbox; sessions wait for the next one.</summary>
    /// <returns>That it does not go; null when it has gone.</returns>
    private async Task<LocalProblem?> RetireAsync(DaemonVersion old, CancellationToken cancellationToken)
    {
        LocalReply<Stopping> asked = await AskRunningAsync((daemon, token) => daemon.ShutDownAsync(old.Pid, token), cancellationToken);
        if (asked.Problem?.Error is LocalErrors.SessionLimited)
        {
            // The session may not stop it; it goes on with it.
            keeps = true;
            return null;
        }

        long begun = clock.GetTimestamp();
        while (clock.GetElapsedTime(begun) < StartMax)
        {
            LocalReply<DaemonVersion> reply = await AskRunningAsync((daemon, token) => daemon.GetVersionAsync(token), cancellationToken);
            if (reply.Value?.Pid != old.Pid)
                return null;

            await Task.Delay(PollEvery, clock, cancellationToken);
        }

        return LocalProblem.Of(
            LocalErrors.DaemonUnreachable,
            $"The daemon that runs is {old.Version} and this program {version}, and it does not stop: end it with kill {old.Pid}. What waits to be sent is kept.",
            503,
            ExitCode.Internal);
    }

    private async Task<LocalReply<T>> AskBoundedAsync<T>(
        Func<LocalClient, CancellationToken, Task<LocalReply<T>>> ask, TimeSpan waits, CancellationToken cancellationToken)
        where T : class
    {
        using var bound = new CancellationTokenSource(AnswerMax + waits, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            return await ask(Client, either.Token);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return LocalProblem.Of(
                "daemon_silent", $"The daemon has not answered for {(AnswerMax + waits).TotalSeconds:0} s; see {home.LogFile}.", 504, ExitCode.Network);
        }
    }

    /// <returns>The daemon that serves everybody here; null when there is none.</returns>
    private async Task<DaemonVersion?> FindOtherAsync(CancellationToken cancellationToken) =>
        (await new LocalClient(new DaemonHome(home.Folder).Socket).GetVersionAsync(cancellationToken)).Value;

    private LocalProblem Held(DaemonVersion other) => LocalProblem.Of(
        "daemon_running",
        $"A daemon is running in {home.Folder} already (process {other.Pid}), and there is only one at a time: leave out --no-daemon, or stop it with claudemesh daemon down.",
        409,
        ExitCode.Exists);

    private LocalProblem NoTurn() => LocalProblem.Of(
        LocalErrors.DaemonUnreachable,
        $"Other calls with --no-daemon have held {home.Folder} for {TurnMax.TotalSeconds:0} s; see {home.LogFile}. Without --no-daemon they would share one daemon.",
        503,
        ExitCode.Network,
        retryable: true);

    private LocalProblem TooSlow() => LocalProblem.Of(
        LocalErrors.DaemonUnreachable,
        $"The daemon was started but did not answer within {StartMax.TotalSeconds:0} s; see {home.LogFile}.",
        503,
        ExitCode.Network);

    private static bool IsAway(LocalProblem? problem) => problem?.Error is LocalErrors.DaemonUnreachable or LocalErrors.Stopping;
}

/// <param name="Started">Whether it was not there before.</param>
public sealed record DaemonFound(DaemonVersion Version, bool Started);
