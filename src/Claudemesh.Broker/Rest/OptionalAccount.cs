using Claudemesh.Broker.Accounts;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Rest;

/// <summary>For routes that take no credential and do more for who brings one.</summary>
internal static class OptionalAccount
{
    /// <returns>Null for who brings none, or an API key; a refusal where what he brings is not good.</returns>
    public static async ValueTask<(SignedIn? Account, MeshError? Refusal)> FindAsync(RestCall call)
    {
        Presented presented = await call.Get<Credentials>().ReadAsync(call.Http, MeshError.SignInRequired);
        if (presented.Refusal != MeshError.SignInRequired)
            return (presented.Account, presented.Refusal);

        call.Http.Response.Headers.Remove(HeaderNames.WWWAuthenticate);
        return (null, null);
    }
}
