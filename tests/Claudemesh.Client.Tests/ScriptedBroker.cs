using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Client.Tests;

/// <summary>A broker that does what a test tells it, also what no broker should do. Each socket that comes is handed to the test.</summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<ScriptedPeer> peers = Channel.CreateUnbounded<ScriptedPeer>();

    private ScriptedBroker(WebApplication app) => this.app = app;

    /// <summary>Answers the upgrade with this status instead, when it is not 0.</summary>
    internal int RefuseWith { get; set; }

    internal int Refused { get; private set; }

    internal BrokerAddress Address =>
        BrokerAddress.Parse(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    internal static async Task<ScriptedBroker> StartAsync(int port = 0, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        WebApplication web = builder.Build();
        ScriptedBroker broker = new(web);
        web.UseWebSockets();
        web.Map("/ws", broker.AcceptAsync);
        await web.StartAsync();
        return broker;
    }

    /// <summary>The next socket that a client opens.</summary>
    internal async Task<ScriptedPeer> NextPeerAsync() => await peers.Reader.ReadAsync(Patience.Token);

    /// <summary>The next socket, taken through the whole handshake.</summary>
    internal async Task<ScriptedPeer> WelcomeNextAsync()
    {
        ScriptedPeer peer = await NextPeerAsync();
        await peer.WelcomeAsync();
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        peers.Writer.TryComplete();
        using CancellationTokenSource atOnce = new();
        await atOnce.CancelAsync();
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }

    private async Task AcceptAsync(HttpContext context)
    {
        if (RefuseWith != 0)
        {
            Refused++;
            context.Response.StatusCode = RefuseWith;
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        ScriptedPeer peer = new(socket, context);
        if (peers.Writer.TryWrite(peer))
            await peer.ReadToEndAsync();
    }
}

/// <summary>A bound on every wait of these tests: what takes longer will not come.</summary>
internal static class Patience
{
    internal static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    internal static CancellationToken Token => new CancellationTokenSource(Limit).Token;

    /// <summary>Between two looks at something that gives no signal.</summary>
    internal static Task BrieflyAsync() => Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
}
