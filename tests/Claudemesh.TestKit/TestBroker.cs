using Claudemesh.Broker;
using Claudemesh.Broker.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claudemesh.TestKit;

/// <summary>A real broker in this process: Kestrel on a port that stays its own when it is stopped, SQLite in a folder of its own (or a schema of its own where the tests are told to run on PostgreSQL).</summary>
public sealed class TestBroker : IAsyncDisposable
{
    private readonly HeldPort port;
    private readonly BrokerSettings settings;
    private readonly TimeProvider clock;
    private readonly TestPostgres? server;
    private readonly Action<IServiceCollection>? services;
    private WebApplication? app;

    private TestBroker(HeldPort port, BrokerSettings settings, TimeProvider clock, TestPostgres? server, Action<IServiceCollection>? services)
    {
        this.server = server;
        this.services = services;
        this.port = port;
        this.settings = settings;
        this.clock = clock;
        Http = new HttpClient { BaseAddress = port.Url };
    }

    public Uri Url => port.Url;

    public Uri SocketUrl => new UriBuilder(Url) { Scheme = "ws", Path = "/ws" }.Uri;

    public string DataFolder => settings.DataFolder;

    public IServiceProvider Services => app!.Services;

    public HttpClient Http { get; }

    /// <param name="services">Has the last word, for what no operator can set.</param>
    public static async Task<TestBroker> StartAsync(
        TimeProvider? clock = null, Func<BrokerSettings, BrokerSettings>? change = null, Action<IServiceCollection>? services = null)
    {
        string folder = Directory.CreateTempSubdirectory("claudemesh-broker-").FullName;
        HeldPort held = new();
        TestPostgres? postgres = TestPostgres.IsEverywhere ? TestPostgres.CreateSchema() : null;
        BrokerSettings usual = new() { DataFolder = folder, Listen = [held.Url.ToString().TrimEnd('/')], Database = postgres?.Address, StopTimeout = TimeSpan.FromSeconds(2) };
        TestBroker broker = new(held, change?.Invoke(usual) ?? usual, clock ?? TimeProvider.System, postgres, services);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Stops in good order and starts again on the same port and data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    public async Task StopAsync()
    {
        if (app is null)
            return;

        await app.StopAsync();
        await app.DisposeAsync();
        app = null;
    }

    public async Task StartAgainAsync()
    {
        app = await BrokerApp.BuildAsync(settings, builder =>
        {
            builder.Services.AddSingleton(clock);
            if (clock == TimeProvider.System)
                builder.Services.PostConfigure<SocketOptions>(BePatient);
            services?.Invoke(builder.Services);
            builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddConsole();
        });
        await app.StartAsync();
    }

    /// <summary>The token of a set-up link, made as at a start; null where there has been an account.</summary>
    public async Task<string?> MakeSetupTokenAsync() =>
        await BrokerApp.MakeSetupLinkAsync(app!, CancellationToken.None) is { } link ? link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..] : null;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        port.Dispose();
        server?.Dispose();
        Directory.Delete(DataFolder, recursive: true);
    }

    /// <summary>Where nobody moves the clock no deadline is tested, and a busy machine must not pass one.</summary>
    private static void BePatient(SocketOptions options)
    {
        options.HelloDeadlineSeconds = 300;
        options.PongTimeoutSeconds = 300;
    }
}
