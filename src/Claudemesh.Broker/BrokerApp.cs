using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Devices;
using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Accounts.OAuth;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Oidc;
using Claudemesh.Broker.Accounts.Passkeys;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Accounts.Profile;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Compatibility;
using Claudemesh.Broker.Dashboard;
using Claudemesh.Broker.Documents;
using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Groups;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Health;
using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Me;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Moderation;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sessions;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.State;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Streams;
using Claudemesh.Broker.TopicKeys;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker;

/// <summary>The broker, put together: a table of contents. Each capability is a folder and a line in each half.</summary>
public static class BrokerApp
{
    /// <summary>Of each request, who asked and where: not for our logs, and it would make an activity and a scope for each.</summary>
    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <param name="configure">Last word on services: tests put their clock in, hosts their logging.</param>
    public static async Task<WebApplication> BuildAsync(BrokerSettings settings, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.WebHost.UseUrls([.. settings.Listen]).ConfigureKestrel(Bound).UseSockets(Inline);
        builder.Logging.AddFilter(RequestLog, LogLevel.None);
        builder.Services.AddSingleton(TimeProvider.System);
        AddServices(builder.Services, settings);
        configure?.Invoke(builder);

        DeliveryLog? log = null;
        builder.Services.AddSingleton(_ => HeldDataFolder.Take(settings.DataFolder));
        builder.Services.AddSingleton(services => OpenDatabase(services, settings));
        builder.Services.AddSingleton<IDeliveryLog>(_ => log!);

        WebApplication app = builder.Build();
        log = await DeliveryLog.OpenAsync(app.Services.GetRequiredService<Database>(), CancellationToken.None);
        MapDoors(app);
        return app;
    }

    /// <summary>
    /// The link that makes the first account, to be shown to who runs the broker once it listens; null where there has been an account. The one shown
    /// before is over.
    /// </summary>
    public static Task<string?> MakeSetupLinkAsync(WebApplication app, CancellationToken cancellationToken) =>
        app.Services.GetRequiredService<SetupLink>().MakeAsync(cancellationToken);

    private static void AddServices(IServiceCollection services, BrokerSettings settings)
    {
        MessageRoutes routes = new(services);
        services.AddSingleton(routes
            .MapHandshake()
            .MapLegacy()
            .MapMessaging()
            .MapPresence()
            .MapGroups()
            .MapSessions()
            .MapWorkspaces()
            .MapLog()
            .MapInvites()
            .MapModeration()
            .MapAudit()
            .MapGrants()
            .MapTopics()
            .MapTopicKeys()
            .MapNotifications()
            .MapApiKeys()
            .MapObjects()
            .MapState());

        AddRest(services, settings);
        AddAccounts(services, settings);
        services.AddBrokerOptions(settings);
        services.AddMetricsExport();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.StopTimeout);
        services.AddSingleton<SocketEndpoint>().AddSingleton<Admission>();
        services.AddSingleton<OpenWorkspaces>().AddSingleton<WorkspaceStore>().AddSingleton<MemberStore>().AddSingleton<MemberAdmin>();
        services.AddSingleton<WorkspaceEnding>().AddSingleton<WorkspaceDeletion>().AddHostedService(each => each.GetRequiredService<WorkspaceDeletion>());
        services.AddSingleton<MemberClaims>().AddSingleton<MyMeshesEndpoint>().AddSingleton<Accounts.SignIn.MakeAccountInviteEndpoint>();
        services.AddSingleton<CreateWorkspaceEndpoint>().AddSingleton<JoinEndpoint>().AddSingleton<InviteStore>();
        services.AddSingleton<LogStore>().AddSingleton<CopyStore>().AddSingleton<LogAppends>().AddSingleton<LogPages>();
        services.AddSingleton<LogInviteStore>().AddSingleton<LogInvites>().AddSingleton<WaitingStore>();
        services.AddSingleton<LogInviteEndpoint>().AddSingleton<JoinByLogEndpoint>().AddSingleton<InviteSweep>();
        services.AddSingleton<ILogFollower, MemberRows>().AddSingleton<ILogFollower, InviteRows>();
        services.AddSingleton<TopicStore>().AddSingleton<SeatReaders>().AddSingleton<TopicSeating>().AddSingleton<TopicPosts>();
        services.AddSingleton<ILogFollower, TopicFollower>();
        services.AddSingleton<ILogFollower, AuditFollower>().AddSingleton<AuditStore>().AddSingleton<AuditNews>();
        services.AddSingleton<NotificationStore>();
        services.AddSingleton<SessionStore>().AddSingleton<SessionAddresses>();
        services.AddSingleton<PeerStateStore>().AddSingleton<GrantStore>();
        services.AddSingleton<Eviction>().AddSingleton<MemberRemoval>().AddSingleton<RemovalStore>().AddSingleton<Withdrawal>();
        services.AddSingleton<MailboxStore>().AddSingleton<Addressing>().AddSingleton<SendRate>();
        services.AddSingleton<ObjectStore>().AddSingleton<PlainObjects>().AddSingleton<MemorySearch>().AddSingleton<ContextStore>();
        services.AddHostedService<RetentionService>();
        services.AddHostedService<InviteSweepService>();
    }

    private static void AddRest(IServiceCollection services, BrokerSettings settings)
    {
        services.AddSingleton(new RestRoutes()
            .MapApiKeys()
            .MapPosts(settings.Limits.MessageBytes)
            .MapStreams()
            .MapPeers()
            .MapWorkspaces()
            .MapAudit()
            .MapTopics()
            .MapTopicKeys()
            .MapInvites()
            .MapLog()
            .MapObjects()
            .MapState()
            .MapMessageStatus()
            .MapNotifications()
            .MapMe()
            .MapSignIn()
            .MapProfile()
            .MapDevices()
            .MapAccountKeys()
            .MapLoginSessions()
            .MapPersonalTokens()
            .MapMyMeshes()
            .MapOAuth());
        services.AddSingleton<TopicKeyStore>();
        services.AddSingleton<CrossOrigin>().AddSingleton<RestArrival>();
        services.AddSingleton<RestDoor>().AddSingleton<KeyRate>().AddSingleton<AddressRate>().AddSingleton<RestMetrics>();
        services.AddSingleton<ApiKeyStore>().AddSingleton<ApiKeyBook>().AddSingleton<KeyEndings>().AddSingleton<LookupRate>().AddSingleton<KeyUse>();
        services.AddSingleton<PostScan>().AddSingleton<MeEndpoint>().AddSingleton<MePostsEndpoint>().AddSingleton<MeObjectsEndpoint>();
        services.AddSingleton<PostMessageEndpoint>().AddSingleton<ReadRowsEndpoint>().AddSingleton<MarkReadEndpoint>();
        services.AddSingleton<StreamEndpoint>().AddSingleton<StreamCredentials>().AddSingleton<OpenStreams>().AddSingleton<StreamPages>().AddSingleton<StreamMetrics>();
        services.AddHostedService<KeyUseService>();
    }

    private static void AddAccounts(IServiceCollection services, BrokerSettings settings)
    {
        services.AddSingleton(settings).AddSingleton<PublicAddress>();
        services.AddSingleton<AccountStore>().AddSingleton<AccountMembers>().AddSingleton<Credentials>();
        services.AddSingleton<LoginSessionStore>().AddSingleton<LoginSessions>().AddSingleton<BrowserCookies>().AddSingleton<BrowserSignIn>();
        services.AddSingleton<SigningKeys>().AddSingleton<AccessTokens>().AddSingleton<SessionTokens>().AddSingleton<BrowserSessionEndpoint>();
        services.AddSingleton<PersonalTokenStore>().AddSingleton<PersonalTokens>().AddSingleton<MakeTokenEndpoint>().AddSingleton<IAccountPart, PersonalTokenPart>();
        services.AddSingleton<TokenEndpoint>().AddSingleton<RevokeEndpoint>();
        services.AddHostedService<SigningKeyService>();
        AddDevices(services);
        AddSignIn(services);
    }

    private static void AddDevices(IServiceCollection services)
    {
        services.AddSingleton<AccountNews>().AddSingleton<AccountKeyStore>().AddSingleton<AccountKeys>().AddSingleton<RecoveryStore>();
        services.AddSingleton<RenewalStore>().AddSingleton<Renewals>().AddSingleton<VaultStore>();
        services.AddSingleton<DeviceStore>().AddSingleton<DeviceRequestStore>().AddSingleton<DevicePolls>().AddSingleton<UserCodeRate>();
        services.AddSingleton<DeviceApprovals>().AddSingleton<DeviceRemoval>().AddSingleton<DeviceAuthorizationEndpoint>();
        services.AddSingleton<IDeviceGrant, DeviceGrant>().AddSingleton<IAccountPart, DevicesPart>();
    }

    private static void AddSignIn(IServiceCollection services)
    {
        services.AddSingleton<SetupLink>().AddSingleton<SignUpTickets>().AddSingleton<SignUps>().AddSingleton<Ceremonies>();
        services.AddSingleton<WrongAttempts>().AddSingleton<BrowserMarks>().AddSingleton<BrowserArrival>();
        services.AddSingleton<StateEndpoint>().AddSingleton<SignUpEndpoint>().AddSingleton<SignInEndpoint>().AddSingleton<FreshEndpoint>();
        services.AddSingleton(new PasswordOptions()).AddSingleton<PasswordHashing>().AddSingleton<PasswordStore>().AddSingleton<MyPasswordEndpoint>();
        services.AddSingleton<SecondFactorStore>().AddSingleton<MySecondFactorEndpoint>();
        services.AddSingleton<MyAccountEndpoint>().AddSingleton<IAccountPart, SignInPart>();
        services.AddSingleton<OidcClient>().AddSingleton<OidcEndpoint>();
        services.AddSingleton<AccountMail>().AddSingleton<MailEndpoint>().AddHostedService<MailService>();
        services.AddPasskeys();
    }

    private static Database OpenDatabase(IServiceProvider services, BrokerSettings settings)
    {
        StorageMetrics metrics = services.GetRequiredService<StorageMetrics>();
        TimeProvider clock = services.GetRequiredService<TimeProvider>();
        ILogger<Database> logger = services.GetRequiredService<ILogger<Database>>();
        if (settings.Database is { } server)
            return Database.Open(server, metrics, clock, logger);

        // Made before the database, so it is let go after it.
        services.GetRequiredService<HeldDataFolder>();
        return Database.Open(Path.Combine(settings.DataFolder, "broker.db"), metrics, clock, logger);
    }

    private static void MapDoors(WebApplication app)
    {
        app.Services.GetRequiredService<AuditNews>().Follow(app.Services.GetRequiredService<Database>());
        SocketEndpoint sockets = app.Services.GetRequiredService<SocketEndpoint>();
        app.Use(HttpOutage.AnswerAsync);
        app.Map("/ws", sockets.AcceptAsync);
        app.MapPost("/join", app.Services.GetRequiredService<JoinEndpoint>().HandleAsync);
        app.MapGet("/join/{token}", JoinPage.ShowAsync);
        app.MapPage(app.Services.GetRequiredService<PublicAddress>());
        app.MapRest();
        app.MapDocuments();
        app.MapHealth();
        app.MapMetrics();

        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<OpenWorkspaces>().CloseSockets);
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<OpenStreams>().Stop);
    }

    /// <summary>
    /// What a socket brought is handled on the pool thread that read it, and what is written leaves on the writer's: nothing
    /// here blocks a thread, so handing each to another one would only cost time.
    /// </summary>
    private static void Inline(SocketTransportOptions sockets) => sockets.UnsafePreferInlineScheduling = true;

    private static void Bound(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        kestrel.Limits.MaxRequestBodySize = HttpBodies.BytesMax;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
    }
}
