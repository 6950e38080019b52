using System.Runtime.InteropServices;

namespace Claudemesh.Cli;

/// <summary>The calls of the operating system for which .NET has none, or none that is as light.</summary>
internal static partial class Posix
{
    /// <summary><c>EPIPE</c>, as an <see cref="IOException"/> carries it.</summary>
    public const int BrokenPipe = 32;

    /// <summary><c>EINTR</c></summary>
    private const int Interrupted = 4;

    /// <summary>Writes all of it, at the place that the descriptor shares with whoever else has it.</summary>
    public static unsafe void Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint written;
            fixed (byte* start = bytes)
                written = write(descriptor, start, bytes.Length);

            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    /// <summary>This process goes on as another program, with the same number, streams and environment.</summary>
    /// <returns>Only when it could not: the system's error number.</returns>
    public static unsafe int Become(string program)
    {
        nint path = Marshal.StringToCoTaskMemUTF8(program);
        nint* arguments = stackalloc nint[] { path, 0 };
        _ = execv((byte*)path, arguments);
        int error = Marshal.GetLastPInvokeError();
        Marshal.FreeCoTaskMem(path);
        return error;
    }

#pragma warning disable SYSLIB1054, IDE1006, SA1300 // These are the C library's own names.
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int execv(byte* path, nint* arguments);
#pragma warning restore SYSLIB1054, IDE1006, SA1300
}
