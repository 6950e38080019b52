using System.Runtime.InteropServices;

namespace Claudemesh.Local;

/// <summary>Starts a program that outlives this one. The runtime's own way cannot give it a session of its own, and costs more.</summary>
public static partial class DetachedProcess
{
    /// <summary><c>SIGKILL</c></summary>
    private const int Kill = 9;

    /// <summary><c>WNOHANG</c>: answer at once.</summary>
    private const int NoHang = 1;
    private const int NotPermitted = 1;

    private const short SetSessionLinux = 0x80;
    private const short SetSessionMacOS = 0x400;

    /// <summary>Larger than <c>posix_spawnattr_t</c> and <c>posix_spawn_file_actions_t</c> of any C library (glibc: 336 and 80).</summary>
    private const int OpaqueBytes = 1024;

    private const int OwnerReadsAndWrites = 0x180;

    /// <summary>
    /// Starts <paramref name="program"/> in a session of its own, so that no terminal's end reaches it; reads nothing, writes to <paramref name="log"/>
    /// (emptied first), and works in <paramref name="folder"/>.
    /// </summary>
    /// <param name="words">What follows the program's name.</param>
    /// <returns>The process, or zero and the system's error number.</returns>
    public static unsafe (int Pid, int Error) Start(
        string program, IEnumerable<string> words, IReadOnlyDictionary<string, string> environment, string folder, string log)
    {
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        nint[] arguments = [.. words.Prepend(program).Select(Marshal.StringToCoTaskMemUTF8), 0];
        nint[] variables = [.. environment.Select(one => Marshal.StringToCoTaskMemUTF8($"{one.Key}={one.Value}")), 0];
        try
        {
            bool isMacOS = OperatingSystem.IsMacOS();
            int createEmpty = isMacOS ? 0x1 | 0x200 | 0x400 | 0x8 : 0x1 | 0x40 | 0x200 | 0x400;
            _ = posix_spawnattr_setflags(attributes, isMacOS ? SetSessionMacOS : SetSessionLinux);
            int error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0);
            if (error == 0)
                error = posix_spawn_file_actions_addopen(actions, 1, log, createEmpty, OwnerReadsAndWrites);
            if (error == 0)
                error = posix_spawn_file_actions_adddup2(actions, 1, 2);
            if (error == 0)
                error = posix_spawn_file_actions_addchdir_np(actions, folder);

            int pid = 0;
            if (error == 0)
            {
                fixed (nint* argv = arguments, envp = variables)
                    error = posix_spawn(out pid, program, actions, attributes, argv, envp);
            }

            return error == 0 ? (pid, 0) : (0, error);
        }
        finally
        {
            foreach (nint text in arguments.Concat(variables))
                Marshal.FreeCoTaskMem(text);

            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <returns>The exit code of a child that has ended (128 and the signal when it was killed); null while it lives.</returns>
    public static int? FindExitCode(int pid)
    {
        if (waitpid(pid, out int status, NoHang) != pid)
            return null;

        int signal = status & 0x7F;
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal;
    }

    /// <summary>Whether there is such a process, whoever's it is.</summary>
    public static bool Exists(int pid) => kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() == NotPermitted;

    /// <summary>Kills what <see cref="Start"/> has started, with everything that it has started itself.</summary>
    public static void KillSession(int pid)
    {
        _ = kill(-pid, Kill);
        _ = waitpid(pid, out _, 0);
    }

#pragma warning disable SYSLIB1054, IDE1006, SA1300 // These are the C library's own names.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, nint* argv, nint* envp);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, string path, int flags, int mode);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int other);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, out int status, int options);
#pragma warning restore SYSLIB1054, IDE1006, SA1300
}
