using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.OAuth;

/// <summary>
/// <c>POST /oauth/revoke</c> (RFC 7009): whoever holds a token may end it. With either token of a session the session ends, and with it what is open
/// under it. A token that is none is answered like one that has just ended: nobody learns by asking here.
/// </summary>
internal sealed class RevokeEndpoint(SessionTokens tokens, PersonalTokens personal)
{
    private const string Token = "token";

    public static readonly RestParameter[] Fields =
    [
        new(Token, "A refresh token, an access token, or a personal token."),
        new("token_type_hint", "Not needed: a token shows what it is."),
        new("client_id", "claudemesh-cli."),
    ];

    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadFormAsync() is not { } form)
            return;

        if (!form.TryGetValue(Token, out string? text))
            await call.RefuseAsync(MeshError.OAuthInvalidRequest.With("The request is invalid: token is missing."));
        else if (ApiKeySecret.TryParse(text, out _))
            await call.RefuseAsync(MeshError.OAuthUnsupportedToken);
        else
            await EndAsync(text, call);
    }

    private async Task EndAsync(string text, RestCall call)
    {
        if (RefreshToken.TryParse(text, out RefreshToken refresh))
            await tokens.EndAsync(refresh, call.Aborted);
        else if (PersonalTokenSecret.TryParse(text, out PersonalTokenSecret secret))
            await personal.RevokeAsync(secret, ClientAddress.Of(call.Http), call.Aborted);
        else
            await tokens.EndAsync(text, call.Aborted);

        call.Http.Response.Headers.CacheControl = "no-store";
    }
}
