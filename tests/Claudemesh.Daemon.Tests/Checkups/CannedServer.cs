using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Claudemesh.Daemon.Tests.Checkups;

/// <summary>Answers whatever it is asked with the same bytes, with TLS or without; or takes the connection and stays silent.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly byte[]? answer;
    private readonly X509Certificate2? certificate;
    private readonly Task serving;

    private CannedServer(byte[]? answer, X509Certificate2? certificate)
    {
        (this.answer, this.certificate) = (answer, certificate);
        listener.Start();
        serving = ServeAsync();
    }

    public string Address => $"{(certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Ends when somebody has connected.</summary>
    public TaskCompletionSource Connected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static CannedServer Saying(string status, string body, DateTimeOffset? date = null) => new(Encode(status, body, date), null);

    public static CannedServer Silent() => new(null, null);

    /// <summary>With a certificate that nobody has signed.</summary>
    public static CannedServer Untrusted() => new(Encode("200 OK", "{}", null), SelfSigned());

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await serving;
        certificate?.Dispose();
        closing.Dispose();
    }

    private static byte[] Encode(string status, string body, DateTimeOffset? date) => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{(date is { } at ? $"Date: {at:r}\r\n" : "")}\r\n{body}");

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(closing.Token);
                Connected.TrySetResult();
                await AnswerAsync(client);
            }
        }
        catch (Exception error) when (closing.IsCancellationRequested && error is (OperationCanceledException or SocketException or InvalidOperationException))
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            Stream stream = client.GetStream();
            if (certificate is not null)
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, closing.Token);
                stream = secured;
            }

            await using (stream)
            {
                _ = await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, closing.Token);
                if (answer is null)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, closing.Token);

                await stream.WriteAsync(answer, closing.Token);
            }
        }
        catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client did not like what it saw.
        }
    }
}
