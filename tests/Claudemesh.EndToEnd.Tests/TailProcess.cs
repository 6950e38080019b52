using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A verb or a script that follows topics, and runs beside the test, which reads its lines as they come.</summary>
internal sealed partial class TailProcess : IAsyncDisposable
{
    private const int Interrupt = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();

    private TailProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                lines.Writer.TryWrite(text);
            else
                lines.Writer.TryComplete();
        };
        process.BeginOutputReadLine();
    }

    public static TailProcess Start(Person person, params string[] arguments) => StartVerb(person, ["topic", "tail", .. arguments]);

    public static TailProcess StartVerb(Person person, params string[] words) => StartProgram(Programs.Find("claudemesh"), person.EnvironmentWith([]), words);

    public static TailProcess StartProgram(string program, IReadOnlyDictionary<string, string> environment, params string[] words)
    {
        ProcessStartInfo start = new(program, words) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new TailProcess(Process.Start(start)!);
    }

    /// <summary>The next line that it prints.</summary>
    public async Task<string> NextAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        return await lines.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Presses Ctrl-C.</summary>
    /// <returns>How it ended.</returns>
    public Task<int> InterruptAsync()
    {
        Assert.Equal(0, Kill(process.Id, Interrupt));
        return EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>How it ended.</returns>
    public async Task<int> EndAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
