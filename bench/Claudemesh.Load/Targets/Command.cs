using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Claudemesh.Load.Targets;

/// <summary>
/// A short-lived program that is run many times. Started and awaited by the system calls themselves, because the runtime's own
/// way costs milliseconds of its own.
/// </summary>
internal sealed unsafe partial class Command
{
    private const int FileActionsBytes = 256;
    private const int WriteOnly = 1;
    private const int NoHang = 1;

    private readonly string[] arguments;
    private readonly string[] environment;

    public Command(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        this.arguments = [program, .. arguments];
        Dictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (DictionaryEntry each in Environment.GetEnvironmentVariables())
            all[(string)each.Key] = (string)each.Value!;

        foreach ((string name, string value) in environment)
            all[name] = value;

        this.environment = [.. all.Select(each => $"{each.Key}={each.Value}")];
    }

    public override string ToString() => $"{Path.GetFileName(arguments[0])} {string.Join(' ', arguments.Skip(1))}";

    /// <summary>From before it is started until it has ended.</summary>
    /// <exception cref="InvalidOperationException">It failed: what it does then is of no interest.</exception>
    public TimeSpan Time()
    {
        long started = Stopwatch.GetTimestamp();
        int process = Start();
        int status = Wait(process, options: 0);
        TimeSpan time = Stopwatch.GetElapsedTime(started);
        return status == 0 ? time : throw new InvalidOperationException($"'{this}' ended with status {status >> 8}.");
    }

    /// <summary>
    /// Its peak memory, looked at again and again while it runs. (What wait4 tells counts the memory of the process that started it,
    /// which is larger.)
    /// </summary>
    public long PeakBytes()
    {
        int process = Start();
        long peak = 0;
        while (Wait(process, NoHang) < 0)
        {
            string status = File.ReadAllText($"/proc/{process}/status");
            int at = status.IndexOf("VmHWM:", StringComparison.Ordinal);
            if (at >= 0)
                peak = Math.Max(peak, 1024 * long.Parse(status.AsSpan(at + 6, status.IndexOf(" kB", at, StringComparison.Ordinal) - at - 6), System.Globalization.CultureInfo.InvariantCulture));
        }

        return peak;
    }

    /// <returns>The status; negative while it still runs.</returns>
    private static int Wait(int process, int options)
    {
        int status = 0;
        int ended = WaitFor(process, &status, options);
        return ended == process ? status
            : ended == 0 ? -1
            : throw new Win32Exception(Marshal.GetLastPInvokeError(), "waitpid");
    }

    private static byte*[] Texts(string[] texts)
    {
        byte*[] pointers = new byte*[texts.Length + 1];
        for (int at = 0; at < texts.Length; at++)
            pointers[at] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[at]);

        return pointers;
    }

    private static void Free(byte*[] texts)
    {
        foreach (byte* text in texts)
            Marshal.FreeCoTaskMem((nint)text);
    }

    private int Start()
    {
        byte* actions = stackalloc byte[FileActionsBytes];
        _ = InitializeActions(actions);
        _ = AddOpen(actions, 1, "/dev/null", WriteOnly, 0);
        byte*[] texts = Texts(arguments);
        byte*[] variables = Texts(environment);
        try
        {
            int process;
            fixed (byte** argv = texts)
            fixed (byte** envp = variables)
            {
                int error = Spawn(&process, argv[0], actions, null, argv, envp);
                return error == 0 ? process : throw new Win32Exception(error, arguments[0]);
            }
        }
        finally
        {
            _ = DestroyActions(actions);
            Free(texts);
            Free(variables);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    private static partial int Spawn(int* process, byte* program, byte* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int process, int* status, int options);
}
