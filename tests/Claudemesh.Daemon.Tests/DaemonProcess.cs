using System.Diagnostics;
using System.Runtime.InteropServices;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests;

/// <summary>The built daemon as a process of its own: what only a real death can show.</summary>
internal static partial class DaemonProcess
{
    private const int Terminate = 15;

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "claudemeshd.dll"));
        start.ArgumentList.Add("--home");
        start.ArgumentList.Add(folder);
        return Process.Start(start)!;
    }

    public static async Task WaitUntilReadyAsync(DaemonHome home)
    {
        var client = new LocalClient(home.Socket);
        await Eventually.TrueAsync("the daemon's socket answers", async () => (await client.GetVersionAsync(CancellationToken.None)).Succeeded);
    }

    /// <summary>Asks it to stop, as a service supervisor does.</summary>
    public static void Stop(Process daemon) => Assert.Equal(0, SendSignal(daemon.Id, Terminate));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
