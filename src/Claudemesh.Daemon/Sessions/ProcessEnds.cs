using System.Runtime.InteropServices;

namespace Claudemesh.Daemon.Sessions;

/// <summary>
/// Tells at once when a process ends, whoever started it: Linux has a descriptor for a process, which becomes readable at its end. One thread waits for
/// all of them; there is none before the first.
/// </summary>
internal sealed unsafe partial class ProcessEnds : IDisposable
{
    // The number of pidfd_open on every architecture; C libraries of 2021 and before have no function for it.
    private const nint OpenProcess = 434;
    private const int CloseOnExec = 0x80000;
    private const short Readable = 1;

    private readonly Lock gate = new();
    private readonly Dictionary<int, Action> watched = [];
    private readonly List<int> abandoned = [];
    private int wake = -1;
    private Thread? waiting;
    private bool isDisposed;

    /// <param name="ended">Called once, on the waiting thread; it must not wait for anything.</param>
    /// <returns>Ends the watch. Null where the operating system has no such descriptor (macOS, Linux before 5.3), or the process has ended already.</returns>
    public IDisposable? TryWatch(SessionProcess process, Action ended)
    {
        if (!OperatingSystem.IsLinux())
            return null;

        lock (gate)
        {
            if (isDisposed || !TryStartWaiting())
                return null;

            int descriptor = (int)SystemCall(OpenProcess, process.Pid, 0);
            if (descriptor < 0)
                return null;

            // From here on the number cannot come to mean another process; until here it could have.
            if (!process.IsAlive)
            {
                _ = Close(descriptor);
                return null;
            }

            watched[descriptor] = ended;
            Wake();
            return new Watch(this, descriptor, ended);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            Wake();
        }

        waiting?.Join();
    }

    private bool TryStartWaiting()
    {
        if (waiting is not null)
            return true;

        wake = CreateEvent(0, CloseOnExec);
        if (wake < 0)
            return false;

        waiting = new Thread(WaitForAll, maxStackSize: 128 * 1024) { IsBackground = true, Name = "process ends" };
        waiting.Start();
        return true;
    }

    private void Wake()
    {
        ulong one = 1;
        if (wake >= 0)
            _ = Write(wake, &one, sizeof(ulong));
    }

    private void WaitForAll()
    {
        while (Collect() is { } all)
        {
            fixed (PollEntry* entries = all)
                _ = Poll(entries, (nuint)all.Length, -1);

            if ((all[0].Happened & Readable) != 0)
            {
                ulong count;
                _ = Read(wake, &count, sizeof(ulong));
            }

            foreach (PollEntry entry in all.AsSpan(1))
            {
                if (entry.Happened != 0)
                    Tell(entry.Descriptor);
            }
        }
    }

    /// <summary>Descriptors are closed on the waiting thread alone, so that none is closed, and its number used anew, while it is waited for.</summary>
    /// <returns>What to wait for, the event first; null at the end.</returns>
    private PollEntry[]? Collect()
    {
        lock (gate)
        {
            foreach (int descriptor in abandoned)
                _ = Close(descriptor);
            abandoned.Clear();
            if (!isDisposed)
                return [Wait(wake), .. watched.Keys.Select(Wait)];

            foreach (int descriptor in watched.Keys.Append(wake))
                _ = Close(descriptor);
            watched.Clear();
            wake = -1;
            return null;
        }

        static PollEntry Wait(int descriptor) => new() { Descriptor = descriptor, Wanted = Readable };
    }

    private void Tell(int descriptor)
    {
        Action? ended;
        lock (gate)
        {
            if (!watched.Remove(descriptor, out ended))
                return;

            _ = Close(descriptor);
        }

        ended();
    }

    private void Abandon(int descriptor, Action ended)
    {
        lock (gate)
        {
            // The number may be another process's by now.
            if (!watched.TryGetValue(descriptor, out Action? there) || there != ended)
                return;

            watched.Remove(descriptor);
            abandoned.Add(descriptor);
            Wake();
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint first, nint second);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int CreateEvent(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, void* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, void* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }

    private sealed class Watch(ProcessEnds ends, int descriptor, Action ended) : IDisposable
    {
        public void Dispose() => ends.Abandon(descriptor, ended);
    }
}
