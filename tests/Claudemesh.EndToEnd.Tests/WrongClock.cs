using System.Globalization;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Lets a program believe that it is earlier or later: the C library's own question for the time of day is answered with another one.</summary>
internal static class WrongClock
{
    private const string Source = """
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>

        int clock_gettime(clockid_t clock, struct timespec *now)
        {
            int result = syscall(SYS_clock_gettime, clock, now);
            const char *offset = getenv("TEST_CLOCK_OFFSET");
            if (result == 0 && clock == CLOCK_REALTIME && offset)
                now->tv_sec += atol(offset);
            return result;
        }
        """;

    private static readonly SemaphoreSlim Compiling = new(1, 1);
    private static string? library;

    /// <summary>What a program finds in its environment to be that much ahead of everybody else.</summary>
    public static async Task<(string Name, string Value)[]> AheadAsync(TimeSpan offset)
    {
        await Compiling.WaitAsync();
        try
        {
            library ??= await CompileAsync();
            return [("LD_PRELOAD", library), ("TEST_CLOCK_OFFSET", offset.TotalSeconds.ToString("0", CultureInfo.InvariantCulture))];
        }
        finally
        {
            Compiling.Release();
        }
    }

    private static async Task<string> CompileAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "There is no C compiler here to make another clock with.");
        string source = Path.Combine(AppContext.BaseDirectory, "wrong-clock.c");
        string made = Path.ChangeExtension(source, ".so");
        await File.WriteAllTextAsync(source, Source);
        Ended ended = await Programs.RunAsync("/usr/bin/cc", ["-shared", "-fPIC", "-O1", "-o", made, source]);
        Assert.True(ended.Code == 0, ended.Error);
        return made;
    }
}
