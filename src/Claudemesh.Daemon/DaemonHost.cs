using System.Net;
using Claudemesh.Client;
using Claudemesh.Daemon.Account;
using Claudemesh.Daemon.Api;
using Claudemesh.Daemon.ApiKeys;
using Claudemesh.Daemon.Auditing;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Doors;
using Claudemesh.Daemon.Events;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Logging;
using Claudemesh.Daemon.Me;
using Claudemesh.Daemon.Migrating;
using Claudemesh.Daemon.Moderation;
using Claudemesh.Daemon.Objects;
using Claudemesh.Daemon.Notifications;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Search;
using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Claudemesh.Daemon;

/// <summary>
/// The daemon of one folder, put together. It is ready when <see cref="StartAsync"/> returns: the socket answers. Stopping ends the connections, writes
/// down what the brokers have said and leaves the rest in the outbox.
/// </summary>
internal sealed partial class DaemonHost : IAsyncDisposable
{
    private const int ConnectionsMax = 1024;
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);

    private readonly InstanceLock instance;
    private readonly LogFile log;
    private readonly DaemonDatabase database;
    private readonly Rest rest;
    private readonly WebApplication app;
    private readonly ILogger<DaemonHost> logger;
    private readonly CancellationTokenSource stopping = new();
    private Task keeping = Task.CompletedTask;

    private DaemonHost(InstanceLock instance, LogFile log, DaemonDatabase database, Rest rest, WebApplication app)
    {
        this.instance = instance;
        this.log = log;
        this.database = database;
        this.rest = rest;
        this.app = app;
        logger = app.Services.GetRequiredService<ILogger<DaemonHost>>();
    }

    /// <summary>The parts, for whoever runs the daemon in its own process.</summary>
    internal IServiceProvider Parts => app.Services;

    /// <summary>Takes the folder's lock and opens its files.</summary>
    /// <param name="change">Has the last word on the parts; null: nobody.</param>
    /// <returns>A problem when another daemon has it or its path cannot be listened at.</returns>
    public static (DaemonHost? Host, LocalProblem? Problem) Build(
        DaemonHome home, TimeProvider clock, Service service, Action<IServiceCollection>? change = null)
    {
        if (DaemonHome.CheckSocketPath(home.Socket) is { } tooLong)
            return (null, tooLong);

        PrepareFolder(home.Folder);
        PrepareFolder(home.DoorsFolder);
        PrepareFolder(home.SocketsFolder);
        if (InstanceLock.TryTake(home.LockFile) is not { } instance)
            return (null, LocalProblem.Of("daemon_running", $"A daemon is running in {home.Folder} already.", 409, ExitCode.Exists));

        LogFile? file = null;
        try
        {
            file = new LogFile(home.LogFile);
            var calm = Rest.OfCollector(clock);
            DaemonDatabase opened = DaemonDatabase.Open(home.Database, clock, calm.Stir);
            return (new DaemonHost(instance, file, opened, calm, BuildApp(home, clock, file, opened, calm, service, change)), null);
        }
        catch
        {
            file?.Dispose();
            instance.Dispose();
            throw;
        }
    }

    /// <summary>A part of it, for tests.</summary>
    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Method and pattern of every route, for the test that holds the table of what sessions may against them.</summary>
    internal IEnumerable<string> Routes => ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().SelectMany(
        endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}"));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<OutboxStore>().RecoverAsync(cancellationToken);
        await app.Services.GetRequiredService<AccountHome>().OpenAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        await app.Services.GetRequiredService<WorkspaceOpening>().OpenAllAsync(cancellationToken);
        keeping = KeepAccountsAsync(app.Services.GetRequiredService<AccountKeeper>());
        LogStarted(DaemonBuild.Version, Environment.ProcessId);
        rest.Stir();
    }

    /// <summary>Runs until a signal, the local API or <paramref name="stop"/> says so.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await StartAsync(stop);
        Service service = app.Services.GetRequiredService<Service>();
        if (service.Caller is not null)
            _ = EndWithCallerAsync(service);

        await app.WaitForShutdownAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await stopping.CancelAsync();
        await keeping;
        await app.Services.GetRequiredService<WorkspaceOpening>().CloseAllAsync();
        LogStopped();
        await app.DisposeAsync();
        await database.DisposeAsync();
        rest.Dispose();
        log.Dispose();
        instance.Dispose();
        stopping.Dispose();
    }

    private async Task KeepAccountsAsync(AccountKeeper keeper)
    {
        try
        {
            await keeper.RunAsync(stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The daemon stops.
        }
    }

    private async Task EndWithCallerAsync(Service service)
    {
        IHostApplicationLifetime lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await service.WaitForCallerAsync(app.Services.GetRequiredService<TimeProvider>(), lifetime.ApplicationStopping);
            lifetime.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // The call is over, and said so itself.
        }
    }

    private static void PrepareFolder(string folder)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, OwnerOnly);
        if (File.GetUnixFileMode(folder) != OwnerOnly)
            File.SetUnixFileMode(folder, OwnerOnly);
    }

    private static WebApplication BuildApp(DaemonHome home, TimeProvider clock, LogFile file, DaemonDatabase opened, Rest rest, Service service, Action<IServiceCollection>? change)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = home.Folder });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LocalLimits.BodyBytesMax;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Listen(new DoorsEndPoint());
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopWithin);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddProvider(new LogFileProvider(file, clock));
        if (service.Foreground)
            builder.Logging.AddProvider(new TerminalProvider(clock));

        AddDaemon(builder.Services.AddSingleton(service), home, clock, opened);
        change?.Invoke(builder.Services);
        WebApplication built = builder.Build();
        built.Use(next => context =>
        {
            rest.Stir();
            return context.RequestServices.GetRequiredService<LocalRules>().InvokeAsync(context, next);
        });
        built.UseRouting();
        built.Use(next => context => context.RequestServices.GetRequiredService<SessionGuard>().InvokeAsync(context, next));
        built.MapLocalApi();
        return built;
    }

    private static void AddDaemon(IServiceCollection services, DaemonHome home, TimeProvider clock, DaemonDatabase opened)
    {
        services.AddSingleton(home).AddSingleton(clock).AddSingleton(opened).AddSingleton(ReadReceipts.FromEnvironment());
        services.AddSingleton<SocketTransportFactory>().AddSingleton<SocketDoors>();
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<SocketDoors>());
        services.AddSingleton<OutboxStore>().AddSingleton<Outgoing>().AddSingleton<StateWaiters>().AddSingleton<InboxStore>().AddSingleton<InboxRemoval>();
        services.AddSingleton<ContactStore>().AddSingleton<KeyStore>().AddSingleton<WorkspaceStore>().AddSingleton<JoinedWorkspaces>().AddSingleton<WorkspaceOpening>();
        services.AddSingleton<OldKeyStore>().AddSingleton<Inquiry>().AddSingleton<Rekey>().AddSingleton<IDerivedSeeds>(provider => provider.GetRequiredService<AccountSecrets>());
        services.AddSingleton<SelfStore>().AddSingleton<SelfChanges>().AddSingleton<SelfEndpoints>().AddSingleton<SafetyEndpoints>();
        services.AddSingleton<ObjectStore>().AddSingleton<SharedStates>().AddSingleton<Memories>().AddSingleton<ObjectEndpoints>();
        services.AddSingleton<EventFeed>().AddSingleton<ProcessEnds>().AddSingleton<OpenSessions>().AddSingleton<Entrance>().AddSingleton<LogEntrance>().AddSingleton<BrokerHttp>();
        services.AddSingleton(_ => new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, Proxy = SystemProxy.Instance }) { Timeout = TimeSpan.FromSeconds(30) });
        services.AddSingleton<LocalRules>().AddSingleton<DaemonEndpoints>().AddSingleton<WorkspaceEndpoints>().AddSingleton<SessionEndpoints>();
        services.AddSingleton<OwnGrants>().AddSingleton<OpenInvites>().AddSingleton<InviteMaking>().AddSingleton<MemberChanges>().AddSingleton<LogViews>().AddSingleton<MemberEndpoints>().AddSingleton<Renaming>().AddSingleton<Exit>();
        services.AddSingleton<WorkspaceModeration>().AddSingleton<Reconnection>().AddSingleton<ModerationEndpoints>();
        services.AddSingleton<AuditHeads>().AddSingleton<AuditTrail>().AddSingleton<AuditEndpoints>().AddSingleton<WorkspaceLife>();
        services.AddSingleton<SessionLimits>().AddSingleton<SessionGuard>();
        services.AddSingleton<ScriptKeys>().AddSingleton<ApiKeyEndpoints>();
        services.AddSingleton<MovedStore>().AddSingleton<LegacyPeek>().AddSingleton<MemberTargets>().AddSingleton<MemberMove>().AddSingleton<IdentityMigration>().AddSingleton<MigrationEndpoints>();
        services.AddSingleton<TopicStore>().AddSingleton<PostStore>().AddSingleton<TopicSearch>().AddSingleton<TopicPosting>().AddSingleton<PostHistory>();
        services.AddSingleton<TopicActions>().AddSingleton<TopicMembership>().AddSingleton<TopicEndpoints>();
        services.AddSingleton<NotificationActions>().AddSingleton<NotificationEndpoints>();
        services.AddSingleton<RecentPosts>().AddSingleton<Overview>().AddSingleton<MessageIndex>().AddSingleton<MessageSearch>().AddSingleton<MeEndpoints>();
        services.AddSingleton(provider => SecretStores.OfThisMachine(Environment.GetEnvironmentVariable, provider.GetRequiredService<ILogger<SecretStores>>()));
        services.AddSingleton<AccountHome>().AddSingleton<AccountMoments>().AddSingleton<AccountSignals>().AddSingleton<AccountSecrets>().AddSingleton<MemberKeys>().AddSingleton<AccountHttp>().AddSingleton<AccountCalls>();
        services.AddSingleton<AccountRows>().AddSingleton<AccountVault>().AddSingleton<VaultFacts>().AddSingleton<AccountWorkspaces>().AddSingleton<AccountViews>().AddSingleton<AccountStart>();
        services.AddSingleton<DeviceLogin>().AddSingleton<RenewalChain>().AddSingleton<PasswordSignIn>().AddSingleton<SelfApproval>().AddSingleton<TokenSignIn>().AddSingleton<SignOut>();
        services.AddSingleton<Devices>().AddSingleton<LoopbackReturns>().AddSingleton<Freshness>().AddSingleton<Recovery>().AddSingleton<Removal>().AddSingleton<Renewal>();
        services.AddSingleton<WorkspaceRenewals>().AddSingleton<AccountKeeper>().AddSingleton<AccountEndpoints>();
        services.AddSingleton<CheckupEndpoints>().AddSingleton<MessageEndpoints>().AddSingleton<PostFollowings>().AddSingleton<EventEndpoints>();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "claudemeshd {Version} is ready as process {Pid}")]
    private partial void LogStarted(string version, int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "claudemeshd has stopped")]
    private partial void LogStopped();
}
