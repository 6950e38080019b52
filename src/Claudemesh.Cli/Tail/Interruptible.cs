using System.Runtime.InteropServices;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tail;

/// <summary>A verb that goes on until somebody ends it: Ctrl-C and SIGTERM are its good end.</summary>
internal static class Interruptible
{
    public static async Task<ExitCode> RunAsync(Func<CancellationToken, Task<ExitCode>> run, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            return await run(ending.Token);
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
