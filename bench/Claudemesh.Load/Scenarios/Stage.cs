using System.Diagnostics;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Sockets;
using Claudemesh.Load.Targets;

namespace Claudemesh.Load.Scenarios;

/// <summary>A server with a workspace and connected members, ready to be measured.</summary>
internal sealed class Stage : IDisposable
{
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(120);

    private Stage(ServerProcess server, EventLoop loop, LoadMesh mesh)
    {
        Server = server;
        Loop = loop;
        Mesh = mesh;
    }

    public ServerProcess Server { get; }

    public EventLoop Loop { get; }

    public string Label => Server.IsSink ? "sink  " : "broker";

    public LoadMesh Mesh { get; }

    /// <summary>In the order of the members.</summary>
    public IReadOnlyList<LoadSocket> Sockets { get; private set; } = [];

    public static async Task<Stage> OpenAsync(
        ServerProcess server, int members, IReadOnlyList<HelloKind> kinds, CancellationToken cancellationToken)
    {
        LoadMesh mesh = server.IsSink ? LoadMesh.Imagine(members) : await LoadMesh.CreateAsync(server.Url, members, cancellationToken);
        Stage stage = new(server, new EventLoop(server.Url), mesh);
        stage.Sockets = Connect(stage.Loop, [.. kinds.Select((kind, at) => new Seat(mesh, mesh.Members[at], kind))], out _);
        return stage;
    }

    /// <summary>Every member connects, in the same way.</summary>
    public static Task<Stage> OpenAsync(ServerProcess server, int members, HelloKind kind, CancellationToken cancellationToken) =>
        OpenAsync(server, members, [.. Enumerable.Repeat(kind, members)], cancellationToken);

    /// <param name="behind">Gets what arrives and is not part of a handshake.</param>
    public static IReadOnlyList<LoadSocket> Connect(EventLoop loop, IReadOnlyList<Seat> seats, out TimeSpan time, ITraffic? behind = null)
    {
        Greeting greeting = new(seats, atOnceMax: 100, behind);
        long started = Stopwatch.GetTimestamp();
        if (!loop.Run(greeting, ConnectMax))
            throw new TimeoutException($"Only {greeting.Welcomed} of {seats.Count} connections were welcomed within {ConnectMax.TotalSeconds:0} s.");

        time = Stopwatch.GetElapsedTime(started);
        return greeting.Sockets;
    }

    public void Dispose() => Loop.Dispose();
}
