using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Claudemesh.Load.Sockets;

/// <summary>
/// Linux epoll, level-triggered, for one thread. The runtime's own socket engine hands each completion to another thread, which
/// costs more than the work of a message does.
/// </summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;

    private const int EventsMax = 512;
    private const int Interrupted = 4;

    private readonly Event[] events = GC.AllocateArray<Event>(EventsMax, pinned: true);
    private readonly int handle;

    public Epoll()
    {
        handle = Create(0x80000);
        if (handle < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_create1");
    }

    private enum Operation
    {
        Add = 1,
        Delete = 2,
        Modify = 3,
    }

    public void Add(int descriptor, int slot, uint interest) => Control(Operation.Add, descriptor, slot, interest);

    public void Modify(int descriptor, int slot, uint interest) => Control(Operation.Modify, descriptor, slot, interest);

    public void Remove(int descriptor) => Control(Operation.Delete, descriptor, 0, 0);

    /// <summary>Waits for the first of readiness and time; gives how many of <see cref="Ready"/> are valid.</summary>
    /// <param name="time">Zero or less: does not wait.</param>
    public int Wait(TimeSpan time)
    {
        long nanoseconds = time <= TimeSpan.Zero ? 0 : time.Ticks * TimeSpan.NanosecondsPerTick;
        TimeSpec limit = new(nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        int count;
        fixed (Event* first = events)
            count = WaitFor(handle, first, EventsMax, &limit, null);

        int error = Marshal.GetLastPInvokeError();
        return count >= 0 ? count
            : error == Interrupted ? 0
            : throw new Win32Exception(error, "epoll_pwait2");
    }

    public (int Slot, uint What) Ready(int index) => ((int)events[index].Data, events[index].What);

    public void Dispose() => _ = Close(handle);

    private void Control(Operation operation, int descriptor, int slot, uint interest)
    {
        Event wanted = new() { What = interest, Data = (ulong)slot };
        if (Control(handle, (int)operation, descriptor, &wanted) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_ctl");
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int descriptor, Event* wanted);

    // Of glibc 2.35 and Linux 5.11: the older epoll_wait knows whole milliseconds only, too coarse for a message each millisecond.
    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    private static partial int WaitFor(int epoll, Event* events, int eventsMax, TimeSpec* limit, void* signals);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    // The kernel packs it on x86-64.
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Event
    {
        public uint What;
        public ulong Data;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec(long seconds, long nanoseconds)
    {
        private readonly long seconds = seconds;
        private readonly long nanoseconds = nanoseconds;
    }
}
