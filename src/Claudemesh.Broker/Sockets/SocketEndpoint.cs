using System.Collections.Frozen;
using System.Text;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Sockets;

/// <summary>The door <c>/ws</c>: accepts a socket, reads its frames one after the other and gives each to its route.</summary>
internal sealed partial class SocketEndpoint(
    MessageRoutes routes,
    IServiceProvider services,
    IOptions<SocketOptions> options,
    SocketMetrics metrics,
    TimeProvider clock,
    ILogger<SocketEndpoint> logger)
{
    private const int WireTypeCharsMax = 64;
    private const int NormalClosure = 1000;
    private const int PolicyViolation = 1008;

    private readonly FrozenDictionary<string, MessageRoute> table = routes.Freeze(services);
    private readonly SocketOptions options = options.Value;

    public async Task AcceptAsync(HttpContext context)
    {
        if (!OriginRule.Admits(context.Request, options.AllowedOrigins))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("Pages of this origin may not connect here.\n", context.RequestAborted);
            return;
        }

        if (await WebSocketUpgrade.AcceptAsync(context) is not { } transport)
            return;

        byte[] challenge = RandomBytes.Next(HelloText.ChallengeSize);
        SocketConnection connection = new(self => new Outbox(transport, self, metrics), challenge, metrics, clock);
        metrics.Opened();
        try
        {
            connection.Reply(new Challenge(challenge, BrokerFeatures.Version, BrokerFeatures.All));
            await ReadAsync(transport, connection, context.RequestAborted);
        }
        finally
        {
            metrics.Closed();
            if (connection.Caller is { } caller)
                caller.Workspace.Lose(connection, SaidGoodbye(connection));

            connection.Abort();
        }
    }

    private async Task ReadAsync(Stream transport, SocketConnection connection, CancellationToken requestAborted)
    {
        TimeSpan interval = TimeSpan.FromSeconds(options.PingIntervalSeconds);
        TimeSpan silenceMax = interval + TimeSpan.FromSeconds(options.PongTimeoutSeconds);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(connection.Aborted, requestAborted);
        await using ITimer deadline = clock.CreateTimer(
            _ => RefuseSilence(connection), null, TimeSpan.FromSeconds(options.HelloDeadlineSeconds), Timeout.InfiniteTimeSpan);
        await using ITimer pings = clock.CreateTimer(_ => connection.Ping(silenceMax), null, interval, interval);
        using WebSocketReader reader = new(transport, options.FrameBytesMax, connection);

        try
        {
            while (true)
            {
                switch (await reader.ReadAsync(ended.Token))
                {
                    case ReadOutcome.Message:
                        await DispatchAsync(reader.Message, connection, ended.Token);
                        break;
                    case ReadOutcome.Goodbye:
                        connection.ClosedByPeer = reader.Code;
                        await connection.CloseAsync(Echo(reader.Code), "");
                        return;
                    case ReadOutcome.Violation:
                        await connection.CloseAsync(reader.Code, reader.Reason);
                        return;
                    default:
                        return;
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            LogLost(connection.No.Value, error.Message);
        }
    }

    /// <summary>The peer's own code; 1000 where it gave none, or one that may not travel (RFC 6455 7.4).</summary>
    private static int Echo(int code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999) ? code : 1000;

    /// <summary>Every frame gets one reply or one refusal, even after a defect in a handler.</summary>
    private async ValueTask DispatchAsync(ReadOnlyMemory<byte> frame, SocketConnection connection, CancellationToken cancellationToken)
    {
        metrics.Received();
        if (!FrameHead.TryScan(frame.Span, out FrameHead head, out MeshError? unreadable))
        {
            connection.Refuse(unreadable);
            return;
        }

        ReadOnlyMemory<byte> requestId = head.RequestId(frame);
        if (FindRoute(head.Type(frame.Span)) is not { } route)
        {
            RefuseUnknown(connection, requestId);
            return;
        }

        try
        {
            await route.InvokeAsync(frame, connection, requestId, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (DatabaseUnavailableException)
        {
            connection.Refuse(MeshError.Unavailable, requestId.Span);
        }
        catch (Exception error)
        {
            LogHandlerFailed(error, route.GetType().Name);
            connection.Refuse(MeshError.Internal, requestId.Span);
        }
    }

    private MessageRoute? FindRoute(ReadOnlySpan<byte> type)
    {
        Span<char> name = stackalloc char[WireTypeCharsMax];
        return type.Length <= name.Length && Encoding.UTF8.TryGetChars(type, name, out int length)
            ? table.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out MessageRoute? route) ? route : null
            : null;
    }

    /// <summary>
    /// A 1.x session socket closes for good on any error with the code <c>unknown_message_type</c>, so it is told in other
    /// words (wire reference 7.4).
    /// </summary>
    private static void RefuseUnknown(SocketConnection connection, ReadOnlyMemory<byte> requestId)
    {
        MeshError refusal = connection.Caller switch
        {
            null => MeshError.NoHello,
            { Self.Identity.Kind: PeerKind.LegacySession } => MeshError.InvalidArgs.With(MeshError.UnknownMessageType.Message),
            _ => MeshError.UnknownMessageType,
        };
        connection.Refuse(refusal, requestId.Span);
    }

    /// <summary>
    /// Our clients close with 1000 when they leave; a cold 1.x verb that has its answer closes without a code. A daemon
    /// that only drops its socket may be back within the grace.
    /// </summary>
    private static bool SaidGoodbye(SocketConnection connection) => connection.IsOurs
        ? connection.ClosedByPeer == NormalClosure
        : connection.ClosedByPeer is not null && connection.Caller?.Self?.Details.Channel is "claude-code";

    private static void RefuseSilence(SocketConnection connection)
    {
        if (connection.Caller is null)
            _ = connection.RejectAsync(MeshError.HelloTimeout, PolicyViolation, "no hello in time");
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} was lost: {Why}")]
    private partial void LogLost(long connection, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "A handler failed: {Route}")]
    private partial void LogHandlerFailed(Exception error, string route);
}
