using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.OAuth;

/// <summary>How a device keeps itself signed in, by names that every client of OAuth knows.</summary>
internal static class OAuthRoutes
{
    public static RestRoutes MapOAuth(this RestRoutes routes) => routes
        .Add(new RestRoute(
            "POST", "/token", Operation: null, KeyReach.Workspace, "Exchanges a refresh token, or the code of a device that was approved, for tokens.",
            call => call.Get<TokenEndpoint>().HandleAsync(call))
        {
            Root = RestRoutes.OAuth,
            Form = TokenEndpoint.Fields,
            Reply = typeof(OAuthTokens),
            Refusals =
            [
                MeshError.OAuthInvalidRequest, MeshError.OAuthUnsupportedGrant, MeshError.OAuthInvalidGrant, MeshError.OAuthInvalidClient,
                MeshError.OAuthPending, MeshError.OAuthSlowDown, MeshError.OAuthAccessDenied, MeshError.OAuthExpired,
            ],
        })
        .Add(new RestRoute(
            "POST", "/revoke", Operation: null, KeyReach.Workspace, "Ends the session of a refresh or access token, or a personal token; what is none is no error.",
            call => call.Get<RevokeEndpoint>().HandleAsync(call))
        {
            Root = RestRoutes.OAuth,
            Form = RevokeEndpoint.Fields,
            Refusals = [MeshError.OAuthInvalidRequest, MeshError.OAuthUnsupportedToken],
        })
        .Add(new RestRoute(
            "GET", "/oauth-authorization-server", Operation: null, KeyReach.Workspace, "Says where a client logs in, refreshes and revokes.", DescribeAsync)
        {
            Root = RestRoutes.WellKnown,
            Reply = typeof(OAuthServer),
            IsTagged = true,
        })
        .Add(new RestRoute("GET", "/jwks.json", Operation: null, KeyReach.Workspace, "Lists the keys that access tokens are signed with.", ListKeysAsync)
        {
            Root = RestRoutes.WellKnown,
            Reply = typeof(JsonWebKeys),
            IsTagged = true,
        });

    private static Task DescribeAsync(RestCall call)
    {
        PublicAddress address = call.Get<PublicAddress>();
        return call.AnswerTaggedAsync(new OAuthServer(
            address.Origin,
            address.LinkTo("/oauth/token"),
            address.LinkTo("/oauth/device_authorization"),
            address.LinkTo("/oauth/revoke"),
            address.LinkTo("/.well-known/jwks.json"),
            ["refresh_token", IDeviceGrant.Type],
            [],
            [OAuthTokens.AccountScope],
            ["none"],
            ["none"],
            address.LinkTo("/docs")));
    }

    private static Task ListKeysAsync(RestCall call) => call.AnswerTaggedAsync(new JsonWebKeys([.. call.Get<SigningKeys>().Public]));
}
