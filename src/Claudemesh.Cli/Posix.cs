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

    /// <summary>Waits until nobody reads any more what is written there. Where that cannot happen, as with a file, it goes on waiting.</summary>
    public static Task WhenReaderLeaves(int descriptor)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            if (WaitForEnd(descriptor))
                left.SetResult();
        }) { IsBackground = true }.Start();
        return left.Task;
    }

    /// <summary>This process goes on as another program, with the same number, streams and environment.</summary>
    /// <returns>Only when it could not: the system's error number.</returns>
    public static unsafe int Become(string program, params ReadOnlySpan<string> words)
    {
        nint[] line = new nint[words.Length + 2];
        line[0] = Marshal.StringToCoTaskMemUTF8(program);
        for (int i = 0; i < words.Length; i++)
            line[i + 1] = Marshal.StringToCoTaskMemUTF8(words[i]);

        int error;
        fixed (nint* arguments = line)
        {
            _ = execv((byte*)line[0], arguments);
            error = Marshal.GetLastPInvokeError();
        }

        foreach (nint text in line)
            Marshal.FreeCoTaskMem(text);
        return error;
    }

    /// <summary>Nothing is asked for but what is always told: an error, and that the other end has gone.</summary>
    private static unsafe bool WaitForEnd(int descriptor)
    {
        PollEntry entry = new() { Descriptor = descriptor };
        int ready;
        do
            ready = poll(&entry, 1, Timeout.Infinite);
        while (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return ready > 0;
    }

    /// <summary>As the C library has it: <c>struct pollfd</c>.</summary>
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }

#pragma warning disable SYSLIB1054, IDE1006, SA1300 // These are the C library's own names.
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int execv(byte* path, nint* arguments);
#pragma warning restore SYSLIB1054, IDE1006, SA1300
}
