using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace Claudemesh.Broker.Accounts.Mail;

/// <summary>Hands letters to the mail server, one after another; one that fails is tried twice more and then given up, which is logged without its address.</summary>
internal sealed partial class MailService(AccountMail mail, BrokerSettings settings, TimeProvider clock, ILogger<MailService> logger) : BackgroundService
{
    private const int TriesMax = 3;
    private const int TimeoutMilliseconds = 30_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Mail is not { } server)
            return;

        try
        {
            await foreach (Letter letter in mail.Waiting.ReadAllAsync(stoppingToken))
                await TrySendAsync(server, letter, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits is lost with the process: who asked for it asks again.
        }
    }

    private async Task TrySendAsync(MailServer server, Letter letter, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                await SendAsync(server, letter, cancellationToken);
                return;
            }
            catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or AuthenticationException or ProtocolException
                or CommandException or ServiceNotConnectedException or SslHandshakeException or NotSupportedException or TimeoutException)
            {
                LogFailed(server.ToString(), failure.GetType().Name, tries);
                if (tries == TriesMax)
                    return;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private static async Task SendAsync(MailServer server, Letter letter, CancellationToken cancellationToken)
    {
        using MimeMessage message = new();
        message.From.Add(MailboxAddress.Parse(server.From));
        message.To.Add(new MailboxAddress("", letter.To));
        message.Subject = letter.Subject;
        message.Body = new TextPart("plain") { Text = letter.Text };

        using SmtpClient client = new() { Timeout = TimeoutMilliseconds };
        await client.ConnectAsync(server.Host, server.Port, SecurityOf(server), cancellationToken);
        if (server.User is { } user)
            await client.AuthenticateAsync(user, server.Secret, cancellationToken);

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    /// <summary>A password goes over TLS or stays on this machine.</summary>
    private static SecureSocketOptions SecurityOf(MailServer server) => server switch
    {
        { IsTls: true } => SecureSocketOptions.SslOnConnect,
        { IsHere: true } => SecureSocketOptions.StartTlsWhenAvailable,
        { User: not null } => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server {Server} did not take a letter ({Failure}, try {Try})")]
    private partial void LogFailed(string server, string failure, int @try);
}
