using System.Globalization;
using System.Runtime.InteropServices;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>A device's request for tokens (RFC 8628), from its start until the broker gives them out.</summary>
internal sealed class DeviceGrant(AccountHttp http, AccountServer server, SigningKey device, string deviceName, DeviceAuthorization started, TimeProvider clock)
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:device_code";
    private const int UserCodeLength = 9;
    private const int IntervalSecondsMax = 60;

    private readonly DateTimeOffset expiresAt = clock.GetUtcNow() + TimeSpan.FromSeconds(Math.Clamp(started.ExpiresIn, 1, 3600));
    private TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(started.Interval ?? 5, 1, IntervalSecondsMax));

    public string UserCode => started.UserCode!;

    public string DeviceName => deviceName;

    public PublicKey Device => device.Public;

    public DateTimeOffset ExpiresAt => expiresAt;

    public Uri Page => new(started.VerificationUri!);

    public Uri CompletePage => new(started.VerificationUriComplete!);

    /// <param name="loopbackPort">Where this machine listens for a browser on the same computer; null: nowhere.</param>
    public static async Task<LocalReply<DeviceGrant>> StartAsync(
        AccountHttp http, AccountServer server, SigningKey device, string deviceName, int? loopbackPort, TimeProvider clock, CancellationToken cancellationToken)
    {
        LocalReply<DeviceAuthorization> asked = await http.SendAsync(
            server.Broker,
            HttpMethod.Post,
            server.DevicePath,
            AccountHttp.Form(
                ("client_id", AccountCalls.ClientId),
                ("device_pub", device.Public.ToString()),
                ("device_name", deviceName),
                ("platform", RuntimeInformation.RuntimeIdentifier),
                ("loopback_port", loopbackPort?.ToString(CultureInfo.InvariantCulture))),
            static (_, _) => { },
            WireJson.Default.DeviceAuthorization,
            cancellationToken);
        if (asked.Value is not { } started)
            return asked.Problem!;

        return started.DeviceCode is { Length: > 0 and <= 512 }
            && started.UserCode is { Length: UserCodeLength } code
            && code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-')
            && IsPage(started.VerificationUri)
            && IsPage(started.VerificationUriComplete)
            ? new DeviceGrant(http, server, device, deviceName, started, clock)
            : BrokerProblems.Refused("", "it began a login that makes no sense.");
    }

    /// <summary>Asks for the tokens until somebody has said yes or no or the time is over.</summary>
    /// <param name="loopback">Ends with the code that a browser on this computer has brought, again for each; null: there is none.</param>
    public async Task<LocalReply<TokenAnswer>> WaitAsync(Func<CancellationToken, Task<string>>? loopback, CancellationToken cancellationToken)
    {
        string? code = null;
        while (clock.GetUtcNow() < expiresAt)
        {
            code = await PauseAsync(loopback, cancellationToken) ?? code;
            LocalReply<TokenAnswer> answer = await AskAsync(code, cancellationToken);
            switch (answer.Problem?.Error)
            {
                case null:
                    return answer;
                case "authorization_pending":
                    break;
                case "slow_down":
                    interval += TimeSpan.FromSeconds(5);
                    break;
                case "access_denied":
                    return AccountProblems.Denied();
                case "expired_token":
                    return AccountProblems.Expired();

                // A page that is not the one that was approved on may have brought any code.
                case "invalid_grant" when code is not null:
                    code = null;
                    break;
                case not null when !answer.Problem.Retryable:
                    return answer.Problem;
            }
        }

        return AccountProblems.Expired();
    }

    /// <summary>Asks once.</summary>
    public Task<LocalReply<TokenAnswer>> AskAsync(string? loopbackCode, CancellationToken cancellationToken)
    {
        long at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return http.SendAsync(
            server.Broker,
            HttpMethod.Post,
            server.TokenPath,
            AccountHttp.Form(
                ("grant_type", GrantType),
                ("device_code", started.DeviceCode),
                ("client_id", AccountCalls.ClientId),
                ("device_pub", device.Public.ToString()),
                ("loopback_code", loopbackCode),
                ("proof", Convert.ToBase64String(device.Sign(new DeviceTokenText(started.DeviceCode!, at)))),
                ("at", at.ToString(CultureInfo.InvariantCulture))),
            static (_, _) => { },
            WireJson.Default.TokenAnswer,
            cancellationToken);
    }

    /// <returns>The code that came meanwhile; null: the time went by.</returns>
    private async Task<string?> PauseAsync(Func<CancellationToken, Task<string>>? loopback, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task pause = Task.Delay(interval, clock, over.Token);
        Task<string> brought = loopback?.Invoke(over.Token) ?? new TaskCompletionSource<string>().Task;
        Task first = await Task.WhenAny(pause, brought);
        cancellationToken.ThrowIfCancellationRequested();
        await over.CancelAsync();
        return first == brought ? await brought : null;
    }

    private static bool IsPage(string? address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? page) && page.Scheme is "http" or "https";
}
