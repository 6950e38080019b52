using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Objects;

/// <summary>
/// Tells connections what has changed in a workspace's objects, from memory and in the order of the changes, though many may be written at once:
/// each waits for those before it. A client that misses one sees a hole in the numbers and lists afresh.
/// </summary>
internal sealed class ObjectNews(SocketEffects sockets)
{
    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;

    /// <summary>Starts a write behind those that were started before it, and tells of it once it and they are durable.</summary>
    /// <param name="tell">Called for what was written; not when the write throws.</param>
    public async Task<T> ChangeAsync<T>(Func<Task<T>> write, Action<T> tell)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        Task<T> written;
        lock (gate)
        {
            before = last;
            last = told.Task;
            written = write();
        }

        try
        {
            T result = await written;
            await before;
            tell(result);
            return result;
        }
        finally
        {
            // Also after a failure: who comes later must not overtake who came before.
            await before;
            told.SetResult();
        }
    }

    /// <summary>To our connections that asked for it, the writer's among them.</summary>
    public void Changed(ObjectRow row) => Send(new ObjectChanged(row.ToWire()), connection => connection.WantsObjects);

    /// <summary>To every other 1.x connection.</summary>
    public void ToLegacy(StateChange change, SocketConnection? writer) => Send(change, connection => !connection.IsOurs && connection != writer);

    private void Send<T>(T news, Func<SocketConnection, bool> wants)
        where T : class, IMessage
    {
        SharedFrame? frame = null;
        foreach (SocketConnection connection in sockets.Connections)
        {
            if (!wants(connection))
                continue;

            frame ??= FrameEncoder.Encode(news);
            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame?.Release();
    }
}
