using Claudemesh.Local;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Daemon.Tests;

/// <summary>A daemon in this process with a folder of its own, and a client at its door.</summary>
internal sealed class RunningDaemon : IAsyncDisposable
{
    private readonly TempHome home;
    private readonly Action<IServiceCollection>? change;
    private DaemonHost? host;

    private RunningDaemon(TempHome home, DaemonHost host, Action<IServiceCollection>? change)
    {
        this.home = home;
        this.change = change;
        this.host = host;
        Client = new LocalClient(home.Home.Socket);
    }

    public DaemonHome Home => home.Home;

    public LocalClient Client { get; }

    public DaemonHost Host => host!;

    /// <summary>A part of the running daemon itself.</summary>
    public T Part<T>()
        where T : notnull => (T)host!.Parts.GetService(typeof(T))!;

    /// <param name="change">Has the last word on its parts.</param>
    public static async Task<RunningDaemon> StartAsync(Action<IServiceCollection>? change = null)
    {
        var folder = new TempHome();
        return new RunningDaemon(folder, await StartHostAsync(folder.Home, change), change);
    }

    /// <summary>Two daemons in one workspace: alice has made it and invited bob.</summary>
    /// <param name="broker">The broker's address.</param>
    public static async Task<(RunningDaemon Alice, RunningDaemon Bob)> StartAliceAndBobAsync(string broker, bool mixed = false)
    {
        RunningDaemon alice = await StartAsync();
        RunningDaemon bob = await StartAsync();
        Workspace acme = await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker, "alice", mixed), default));
        Assert.Equal("acme", acme.Slug);
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "bob"), default));
        return (alice, bob);
    }

    /// <summary>A part of the daemon, for what no request can tell.</summary>
    public T Get<T>()
        where T : notnull => host!.Get<T>();

    public async Task StopAsync()
    {
        if (host is not null)
            await host.DisposeAsync();
        host = null;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        host = await StartHostAsync(home.Home, change);
    }

    public LocalClient At(string workspace) => new(Home.WorkspaceSocket(workspace));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        home.Dispose();
    }

    private static async Task<DaemonHost> StartHostAsync(DaemonHome home, Action<IServiceCollection>? change)
    {
        (DaemonHost? built, LocalProblem? problem) = DaemonHost.Build(home, TimeProvider.System, new Service(), change);
        Assert.Null(problem);
        await built!.StartAsync(CancellationToken.None);
        return built;
    }
}
