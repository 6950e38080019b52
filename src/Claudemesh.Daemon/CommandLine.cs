using System.Globalization;
using Claudemesh.Daemon.Storage;
using Claudemesh.Local;

namespace Claudemesh.Daemon;

/// <summary>The program's few flags, and its exit codes.</summary>
internal static class CommandLine
{
    private const string Usage = """
        claudemeshd [--home DIR] [--foreground]   runs the daemon until it is stopped (SIGTERM, SIGINT or the local API)
        claudemeshd --once PID --doors DIR [--home DIR]
                                                  the same for one call: ends with process PID, listens in a folder of its own, shows nobody as online
        claudemeshd --version

          --home DIR     its folder; default CLAUDEMESH_HOME, else ~/.claudemesh
          --foreground   logs to the terminal too
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        string? folder = null;
        string? doors = null;
        int? caller = null;
        bool foreground = false;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--version":
                    await output.WriteLineAsync($"claudemeshd {DaemonBuild.Version}");
                    return (int)ExitCode.Ok;
                case "--help" or "-h":
                    await output.WriteLineAsync(Usage);
                    return (int)ExitCode.Ok;
                case "--foreground":
                    foreground = true;
                    break;
                case "--home" when i + 1 < args.Length && args[i + 1].Length > 0:
                    folder = args[++i];
                    break;
                case "--doors" when i + 1 < args.Length && args[i + 1].Length > 0:
                    doors = args[++i];
                    break;
                case "--once" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid):
                    caller = pid;
                    i++;
                    break;
                default:
                    await errors.WriteLineAsync($"claudemeshd: {args[i]} is not understood.");
                    await errors.WriteLineAsync(Usage);
                    return (int)ExitCode.BadArguments;
            }
        }

        // A daemon that others could not find would keep them from starting theirs; one that nobody waits for would never end.
        if (caller is null != doors is null)
        {
            await errors.WriteLineAsync("claudemeshd: --once and --doors are only given together.");
            return (int)ExitCode.BadArguments;
        }

        return await RunDaemonAsync(new DaemonHome(DaemonHome.Find(folder).Folder, doors), new Service(caller, foreground), errors);
    }

    private static async Task<int> RunDaemonAsync(DaemonHome home, Service service, TextWriter errors)
    {
        try
        {
            (DaemonHost? host, LocalProblem? problem) = DaemonHost.Build(home, TimeProvider.System, service);
            if (host is null)
            {
                await SayAsync(errors, problem!.Detail);
                return problem.ExitCode;
            }

            await using (host)
            {
                await host.RunAsync(CancellationToken.None);
                return (int)ExitCode.Ok;
            }
        }
        catch (InvalidDataException error)
        {
            await SayAsync(errors, error.Message);
            return (int)ExitCode.Io;
        }
        catch (Exception error) when (StorageFault.Explain(error, home) is { } problem)
        {
            await SayAsync(errors, problem.Detail);
            return problem.ExitCode;
        }
    }

    private static async Task SayAsync(TextWriter errors, string what)
    {
        try
        {
            await errors.WriteLineAsync($"claudemeshd: {what}");
        }
        catch (IOException)
        {
            // Errors often go to a file beside the others. The exit code still tells.
        }
    }
}
