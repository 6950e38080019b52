using Claudemesh.Broker.Messaging;
using System.Globalization;
using System.Net;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>A new machine asks to be let in (RFC 8628 3.1). It says its key and its name; nothing of it is believed until a person has looked at it.</summary>
internal sealed partial class DeviceAuthorizationEndpoint(
    DeviceRequestStore requests, DevicePolls polls, PublicAddress address, TimeProvider clock, ILogger<DeviceAuthorizationEndpoint> logger)
{
    private const string PagePath = "/device";
    private const int PlatformCharsMax = 64;

    public static IReadOnlyList<RestParameter> Form { get; } =
    [
        new("client_id", "claudemesh-cli; of the broker's own page claudemesh-page."),
        new("scope", "account, or absent."),
        new("device_pub", "The machine's own Ed25519 key, 64 lower-case hexadecimal digits."),
        new("device_name", "What its person calls it, 1 to 80 characters."),
        new("platform", "What it is, such as linux-x64; at most 64 characters."),
        new("loopback_port", "The port on 127.0.0.1 where it waits for the code that the page brings: it is on the same computer as the browser.", ParameterKind.Number),
    ];

    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadFormAsync() is not { } form)
            return;

        (NewDeviceRequest? wish, MeshError? fault) = Read(form, ClientAddress.Of(call.Http));
        if (wish is null)
        {
            await call.RefuseAsync(fault!);
            return;
        }

        OneTimeCode deviceCode = OneTimeCode.Generate();
        polls.Sweep(clock.GetUtcNow().ToInstant());
        if (await requests.AddAsync(wish, deviceCode, call.Aborted) is not { } request)
        {
            LogFull(wish.Address);
            call.Http.Response.Headers.RetryAfter = KeyRate.Seconds(DevicePolls.IntervalUsual);
            await call.RefuseAsync(MeshError.AddressRate);
            return;
        }

        await call.AnswerAsync(new DeviceAuthorization(
            deviceCode.Reveal(),
            request.UserCode.Value,
            address.LinkTo(PagePath),
            address.LinkTo($"{PagePath}?code={request.UserCode.Value}"),
            (int)DeviceRequest.Life.TotalSeconds,
            (int)DevicePolls.IntervalUsual.TotalSeconds));
    }

    private static (NewDeviceRequest? Wish, MeshError? Fault) Read(IReadOnlyDictionary<string, string> form, IPAddress from)
    {
        string? client = form.GetValueOrDefault("client_id");
        if (!DeviceClients.Knows(client))
            return (null, MeshError.OAuthInvalidClient.With("The client_id is invalid: it must be claudemesh-cli, or claudemesh-page of the broker's own page."));
        if (form.GetValueOrDefault("scope") is { } scope && !string.Equals(scope, OAuthTokens.AccountScope, StringComparison.Ordinal))
            return (null, Invalid("scope must be account, or absent"));
        if (!PublicKey.TryParse(form.GetValueOrDefault("device_pub"), out PublicKey key) || !Ed25519.IsAcceptable(key))
            return (null, Invalid("device_pub must be an Ed25519 key of 64 lower-case hexadecimal digits"));
        if (!DisplayName.TryParse(form.GetValueOrDefault("device_name"), out DisplayName name))
            return (null, Invalid($"device_name must have {DisplayName.Rule}"));

        string? platform = form.GetValueOrDefault("platform");
        if (platform is not null && (platform.Length > PlatformCharsMax || !DisplayName.TryParse(platform, out _)))
            return (null, Invalid($"platform must be one line of at most {PlatformCharsMax} characters"));

        int? port = null;
        if (form.GetValueOrDefault("loopback_port") is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65_535)
                return (null, Invalid("loopback_port must be a number from 1 to 65535"));
            port = number;
        }

        return (new NewDeviceRequest(client!, OAuthTokens.AccountScope, key, name.Value, platform, from.ToString(), port), null);
    }

    private static MeshError Invalid(string why) => MeshError.OAuthInvalidRequest.With($"The request is invalid: {why}.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "As many machines from {Address} wait to be let in as may")]
    private partial void LogFull(string address);
}
