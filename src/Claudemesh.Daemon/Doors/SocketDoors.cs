using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Claudemesh.Local;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Claudemesh.Daemon.Doors;

/// <summary>Which door a connection came through. Null: the one of all workspaces.</summary>
internal sealed record Door(string? Workspace);

/// <summary>What Kestrel listens on: all doors at once, whichever are open.</summary>
internal sealed class DoorsEndPoint : EndPoint
{
    public override string ToString() => "doors";
}

/// <summary>
/// The daemon's unix sockets as one Kestrel transport, so that a workspace's socket opens the moment it is joined, without a restart. Each is 0600 in
/// a 0700 folder, and a connection of another user of this machine is closed before a byte of it is read.
/// </summary>
internal sealed partial class SocketDoors(SocketTransportFactory sockets, DaemonHome home, ILogger<SocketDoors> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    // Accepted and not yet taken by Kestrel; past it the operating system's own backlog holds them.
    private const int WaitingMax = 64;

    private readonly Channel<ConnectionContext> accepted = Channel.CreateBounded<ConnectionContext>(WaitingMax);
    private readonly ConcurrentDictionary<string, Opened> opened = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource closing = new();

    public EndPoint EndPoint { get; } = new DoorsEndPoint();

    public bool CanBind(EndPoint endpoint) => endpoint is DoorsEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        await OpenAsync(home.Socket, new Door(null), cancellationToken);
        return this;
    }

    /// <summary>Opens the door of one workspace; opening an open one changes nothing.</summary>
    /// <returns>Why the operating system cannot listen there; null when it does.</returns>
    public async ValueTask<LocalProblem?> OpenWorkspaceAsync(string slug, CancellationToken cancellationToken)
    {
        string path = home.WorkspaceSocket(slug);
        if (DaemonHome.CheckSocketPath(path) is { } problem)
            return problem;

        if (!opened.ContainsKey(path))
            await OpenAsync(path, new Door(slug), cancellationToken);
        return null;
    }

    /// <summary>Closes the door of one workspace to new connections; those there are end by themselves.</summary>
    public async Task CloseWorkspaceAsync(string slug, CancellationToken cancellationToken)
    {
        string path = home.WorkspaceSocket(slug);
        if (!opened.TryRemove(path, out Opened? door))
            return;

        await door.Listener.UnbindAsync(cancellationToken);
        File.Delete(path);
        await door.Accepting;
        await door.Listener.DisposeAsync();
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await accepted.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await closing.CancelAsync();
        foreach ((string path, Opened door) in opened)
        {
            await door.Listener.UnbindAsync(cancellationToken);
            File.Delete(path);
        }

        await Task.WhenAll(opened.Values.Select(door => door.Accepting));
        accepted.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Opened door in opened.Values)
            await door.Listener.DisposeAsync();
        closing.Dispose();
    }

    private async Task OpenAsync(string path, Door door, CancellationToken cancellationToken)
    {
        // What a killed daemon left there. The instance lock says that nobody listens on it.
        File.Delete(path);
        IConnectionListener listener = await sockets.BindAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        opened[path] = new Opened(listener, AcceptAllAsync(listener, door));
    }

    private async Task AcceptAllAsync(IConnectionListener listener, Door door)
    {
        try
        {
            while (await listener.AcceptAsync(closing.Token) is { } connection)
            {
                if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && PeerCredentials.IsAdmitted(socket))
                {
                    connection.Features.Set(door);
                    await accepted.Writer.WriteAsync(connection, closing.Token);
                }
                else
                {
                    LogForeignUser(door.Workspace);
                    await connection.DisposeAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Closed a connection of another user of this machine at the door of {Workspace}")]
    private partial void LogForeignUser(string? workspace);

    private sealed record Opened(IConnectionListener Listener, Task Accepting);
}
