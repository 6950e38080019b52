using System.Runtime.InteropServices;

namespace Claudemesh.Load.Scenarios;

/// <summary>How many files and sockets this process, and those it starts, may have open.</summary>
internal static unsafe partial class Descriptors
{
    private const int OpenFiles = 7;

    /// <summary>Raises the limit as far as the machine allows; gives the limit.</summary>
    public static int RaiseTo(int wanted)
    {
        Limit limit;
        if (GetLimit(OpenFiles, &limit) != 0)
            return wanted;

        if (limit.Soft < (nuint)wanted)
        {
            limit.Soft = nuint.Min((nuint)wanted, limit.Hard);
            _ = SetLimit(OpenFiles, &limit);
        }

        return (int)nuint.Min(limit.Soft, int.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, Limit* limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
