using System.Runtime.InteropServices;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tail;

/// <summary>A verb that goes on until somebody ends it: Ctrl-C, SIGTERM and a reader who has gone are its good end.</summary>
internal static class Interruptible
{
    public static async Task<ExitCode> RunAsync(Terminal terminal, Func<CancellationToken, Task<ExitCode>> run, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            Task left = terminal.WhenReaderLeaves();
            Task<ExitCode> running = run(ending.Token);
            if (await Task.WhenAny(running, left) == left)
                await ending.CancelAsync();
            return await running;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ending.Cancel();
        }
    }
}
