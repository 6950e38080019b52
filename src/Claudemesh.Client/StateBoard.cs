namespace Claudemesh.Client;

/// <summary>Shows the present state and lets anybody wait for the next one without missing any that lasts.</summary>
internal sealed class StateBoard(ConnectionState first)
{
    private readonly Lock gate = new();
    private ConnectionState state = first;
    private TaskCompletionSource changed = NewSignal();

    internal ConnectionState State
    {
        get
        {
            lock (gate)
                return state;
        }
    }

    internal void Show(ConnectionState next)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            state = next;
            signal = changed;
            changed = NewSignal();
        }

        signal.SetResult();
    }

    internal async Task<ConnectionState> NextAsync(ConnectionState seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (gate)
            {
                if (!ReferenceEquals(state, seen))
                    return state;
                signal = changed.Task;
            }

            await signal.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
