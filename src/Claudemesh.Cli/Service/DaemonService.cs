using System.Text;
using Claudemesh.Cli.Install;
using Claudemesh.Local;

namespace Claudemesh.Cli.Service;

/// <summary>
/// The daemon as a service of its person: a unit of <c>systemd --user</c> or an agent of launchd. Where the system has neither, verbs start the daemon when they
/// need it, as they always do.
/// </summary>
internal static class DaemonService
{
    public static Task<ServiceOutcome> InstallAsync(Surroundings around, CancellationToken cancellationToken) =>
        OperatingSystem.IsMacOS() ? InstallLaunchdAsync(around, cancellationToken) : InstallSystemdAsync(around, cancellationToken);

    public static async Task<ServiceOutcome> UninstallAsync(Surroundings around, CancellationToken cancellationToken)
    {
        string file = FileOf(around);
        if (!File.Exists(file))
            return ServiceOutcome.Told(false, file, "The system does not start the daemon; there was nothing to take back.");

        if (OperatingSystem.IsMacOS())
        {
            await RunAsync(around, "launchctl", ["bootout", $"gui/{await FindUserAsync(around, cancellationToken)}/{ServiceUnit.LaunchdLabel}"], cancellationToken);
            File.Delete(file);
        }
        else
        {
            await SystemctlAsync(around, ["disable", "--now", ServiceUnit.SystemdName], cancellationToken);
            File.Delete(file);
            await SystemctlAsync(around, ["daemon-reload"], cancellationToken);
        }

        return ServiceOutcome.Told(false, file, "The system does not start the daemon any more; verbs start it when they need it.");
    }

    /// <summary>Where the unit is, or would be.</summary>
    public static string FileOf(Surroundings around)
    {
        string user = around.Variable("HOME") ?? "";
        if (OperatingSystem.IsMacOS())
            return Path.Combine(user, "Library", "LaunchAgents", ServiceUnit.LaunchdLabel + ".plist");

        string config = around.Variable("XDG_CONFIG_HOME") is { Length: > 0 } named ? named : Path.Combine(user, ".config");
        return Path.Combine(config, "systemd", "user", ServiceUnit.SystemdName);
    }

    /// <summary>The unit as it would be written now.</summary>
    public static string TextOf(Surroundings around)
    {
        string program = Path.Combine(Path.GetDirectoryName(around.Self) ?? "", DaemonProgram.Name);
        string usual = Path.Combine(around.Variable("HOME") ?? "", ".claudemesh");
        string? home = around.Home.Folder == usual ? null : around.Home.Folder;
        return OperatingSystem.IsMacOS() ? ServiceUnit.Launchd(program, home) : ServiceUnit.Systemd(program, home);
    }

    /// <summary>Asks the person's own systemd.</summary>
    public static Task<ChildEnd> SystemctlAsync(Surroundings around, string[] words, CancellationToken cancellationToken) =>
        RunAsync(around, "systemctl", ["--user", .. words], cancellationToken);

    /// <summary>Whether the unit outlives its person's last session on this machine; null where that cannot be asked.</summary>
    public static async Task<bool?> FindLingerAsync(Surroundings around, CancellationToken cancellationToken)
    {
        ChildEnd asked = await RunAsync(around, "loginctl", ["show-user", Environment.UserName, "--property=Linger", "--value"], cancellationToken);
        return asked.Code is 0 ? asked.LastLine is "yes" : null;
    }

    private static async Task<ServiceOutcome> InstallSystemdAsync(Surroundings around, CancellationToken cancellationToken)
    {
        ChildEnd there = await SystemctlAsync(around, ["show-environment"], cancellationToken);
        if (there.Code is not 0)
            return ServiceOutcome.NoManager(around, there);

        string file = FileOf(around);
        Write(file, TextOf(around));
        if (await FailAsync(["daemon-reload"]) is { } notRead)
            return notRead;
        if (await FailAsync(["enable", ServiceUnit.SystemdName]) is { } notEnabled)
            return notEnabled;

        // One that a verb has started holds the lock; what waits to be sent it leaves in the outbox.
        await StopAsync(around, cancellationToken);
        if (await FailAsync(["restart", ServiceUnit.SystemdName]) is { } notStarted)
            return notStarted;

        (_, LocalProblem? silent) = await around.Daemon.StartAsync(cancellationToken);
        if (silent is not null)
            return ServiceOutcome.Failed(file, silent.Detail);

        string linger = await FindLingerAsync(around, cancellationToken) is false
            ? " It ends with your last session on this machine; `loginctl enable-linger` keeps it running."
            : "";
        return ServiceOutcome.Told(true, file, $"The system starts the daemon from now on ({file}).{linger}");

        async Task<ServiceOutcome?> FailAsync(string[] words)
        {
            ChildEnd end = await SystemctlAsync(around, words, cancellationToken);
            return end.Code is 0 ? null : ServiceOutcome.Failed(file, $"systemctl --user {string.Join(' ', words)}: {end.LastLine}");
        }
    }

    private static async Task<ServiceOutcome> InstallLaunchdAsync(Surroundings around, CancellationToken cancellationToken)
    {
        string file = FileOf(around);
        string user = await FindUserAsync(around, cancellationToken);
        Write(file, TextOf(around));

        // An agent that is loaded already is another text of the same name.
        await RunAsync(around, "launchctl", ["bootout", $"gui/{user}/{ServiceUnit.LaunchdLabel}"], cancellationToken);
        await StopAsync(around, cancellationToken);
        ChildEnd loaded = await RunAsync(around, "launchctl", ["bootstrap", $"gui/{user}", file], cancellationToken);
        if (loaded.Code is not 0)
            return ServiceOutcome.Failed(file, $"launchctl bootstrap: {loaded.LastLine}");

        (_, LocalProblem? silent) = await around.Daemon.StartAsync(cancellationToken);
        return silent is null
            ? ServiceOutcome.Told(true, file, $"The system starts the daemon from now on ({file}).")
            : ServiceOutcome.Failed(file, silent.Detail);
    }

    private static void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        WholeFile.Write(file, Encoding.UTF8.GetBytes(text), WholeFile.Readable);
    }

    private static async Task StopAsync(Surroundings around, CancellationToken cancellationToken)
    {
        LocalReply<Stopping> stopped = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ShutDownAsync(token), cancellationToken);
        if (stopped.Problem?.Error is not LocalErrors.DaemonUnreachable)
            await around.Daemon.WaitUntilGoneAsync(cancellationToken);
    }

    private static async Task<string> FindUserAsync(Surroundings around, CancellationToken cancellationToken) =>
        (await RunAsync(around, "id", ["-u"], cancellationToken)).LastLine;

    private static Task<ChildEnd> RunAsync(Surroundings around, string program, string[] words, CancellationToken cancellationToken) =>
        SystemProgram.RunAsync(around, program, words, cancellationToken);
}

/// <param name="Installed">Whether the system starts the daemon now.</param>
/// <param name="File">The unit.</param>
/// <param name="Sentence">For people.</param>
/// <param name="Problem">Null when it is as was asked.</param>
internal sealed record ServiceOutcome(bool Installed, string File, string Sentence, LocalProblem? Problem)
{
    public static ServiceOutcome Told(bool installed, string file, string sentence) => new(installed, file, sentence, null);

    public static ServiceOutcome Failed(string file, string why) => Of(file, $"The system does not start the daemon by {file}: {why}. Verbs start it when they need it.", ExitCode.Internal);

    public static ServiceOutcome NoManager(Surroundings around, ChildEnd asked) => Of(
        DaemonService.FileOf(around),
        $"Nothing on this machine starts programs for you (systemctl --user: {asked.LastLine}), so verbs start the daemon when they need it.",
        ExitCode.NotFound);

    private static ServiceOutcome Of(string file, string sentence, ExitCode code) =>
        new(false, file, sentence, LocalProblem.Of("no_service", sentence, 503, code));
}
