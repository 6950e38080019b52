using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.OAuth;

/// <summary>The grant of RFC 8628 at <c>POST /oauth/token</c>: a device that was approved fetches its first tokens.</summary>
internal interface IDeviceGrant
{
    const string Type = "urn:ietf:params:oauth:grant-type:device_code";

    /// <param name="form">The fields that the route names, none of them empty.</param>
    /// <returns>The tokens, or why there are none: a refusal of <c>MeshError.OAuth…</c>.</returns>
    ValueTask<(OAuthTokens? Tokens, MeshError? Refusal)> ExchangeAsync(RestCall call, IReadOnlyDictionary<string, string> form);
}
