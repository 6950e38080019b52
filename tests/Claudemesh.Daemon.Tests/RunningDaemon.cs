using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests;

/// <summary>A daemon in this process with a folder of its own, and a client at its door.</summary>
internal sealed class RunningDaemon : IAsyncDisposable
{
    private readonly TempHome home;
    private DaemonHost? host;

    private RunningDaemon(TempHome home, DaemonHost host)
    {
        this.home = home;
        this.host = host;
        Client = new LocalClient(home.Home.Socket);
    }

    public DaemonHome Home => home.Home;

    public LocalClient Client { get; }

    public DaemonHost Host => host!;

    /// <summary>A part of the running daemon itself.</summary>
    public T Part<T>()
        where T : notnull => (T)host!.Parts.GetService(typeof(T))!;

    public static async Task<RunningDaemon> StartAsync()
    {
        var folder = new TempHome();
        return new RunningDaemon(folder, await StartHostAsync(folder.Home));
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

    public async Task StopAsync()
    {
        if (host is not null)
            await host.DisposeAsync();
        host = null;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        host = await StartHostAsync(home.Home);
    }

    public LocalClient At(string workspace) => new(Home.WorkspaceSocket(workspace));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        home.Dispose();
    }

    private static async Task<DaemonHost> StartHostAsync(DaemonHome home)
    {
        (DaemonHost? built, LocalProblem? problem) = DaemonHost.Build(home, TimeProvider.System, new Service());
        Assert.Null(problem);
        await built!.StartAsync(CancellationToken.None);
        return built;
    }
}
