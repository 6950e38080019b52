using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Accounts.OAuth;

/// <summary><c>POST /oauth/token</c> (RFC 6749, 6, and RFC 8628, 3.4) for devices. Browsers have their own way, by cookie.</summary>
internal sealed class TokenEndpoint(SessionTokens tokens, IServiceProvider services)
{
    public const string RefreshGrant = "refresh_token";

    private const string GrantType = "grant_type";

    public static readonly RestParameter[] Fields =
    [
        new(GrantType, $"refresh_token, or {IDeviceGrant.Type}."),
        new(RefreshGrant, "The refresh token: cmr_ and 43 characters."),
        new("client_id", "claudemesh-cli."),
        new("device_code", "Of the device grant: what the device was given."),
        new("device_pub", "Of the device grant: the device's key, 64 hexadecimal digits."),
        new("loopback_code", "Of the device grant: what the page brought over 127.0.0.1."),
        new("proof", "Of the device grant: the device's signature over claudemesh/device-token/1, as base64."),
        new("at", "Of the device grant: when it was signed, in milliseconds since 1970."),
    ];

    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadFormAsync() is not { } form)
            return;

        (OAuthTokens? answer, MeshError? refusal) = form.GetValueOrDefault(GrantType) switch
        {
            null => (null, MeshError.OAuthInvalidRequest.With("The request is invalid: grant_type is missing.")),
            RefreshGrant => await RefreshAsync(form, call.Aborted),
            IDeviceGrant.Type when services.GetService<IDeviceGrant>() is { } grant => await grant.ExchangeAsync(call, form),
            _ => (null, MeshError.OAuthUnsupportedGrant),
        };
        await (answer is null ? call.RefuseAsync(refusal!) : call.AnswerAsync(answer));
    }

    private async ValueTask<(OAuthTokens? Tokens, MeshError? Refusal)> RefreshAsync(IReadOnlyDictionary<string, string> form, CancellationToken cancellationToken)
    {
        if (!form.TryGetValue(RefreshGrant, out string? text))
            return (null, MeshError.OAuthInvalidRequest.With("The request is invalid: refresh_token is missing."));

        return RefreshToken.TryParse(text, out RefreshToken token) && await tokens.RefreshAsync(token, LoginKind.Device, cancellationToken) is { } next
            ? (tokens.Tell(next), null)
            : (null, MeshError.OAuthInvalidGrant);
    }
}
