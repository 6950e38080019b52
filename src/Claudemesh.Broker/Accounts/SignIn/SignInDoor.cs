using System.Net;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>
/// Stands before the routes that ask nobody who he is and cost a write or the hash of a password. One address knocks so fast and no faster, and no other
/// site's page signs a browser in to an account of its choice.
/// </summary>
internal sealed class SignInDoor(BrowserCookies cookies, TimeProvider clock)
{
    /// <summary>An office behind one address signs in in the morning; nobody needs more for longer.</summary>
    public const int PerSecond = 2;

    public const int AtOnce = 120;

    private readonly TokenBuckets<IPAddress> buckets = new(PerSecond, AtOnce, clock);

    /// <returns>False, with the refusal sent, for who is not let in now.</returns>
    public async ValueTask<bool> TryEnterAsync(RestCall call)
    {
        // A link in a letter, and a provider that sends a browser back, come from elsewhere; what they bring is known here.
        if (!HttpMethods.IsGet(call.Http.Request.Method) && !cookies.IsOwnOrigin(call.Http.Request))
        {
            await call.RefuseAsync(MeshError.CsrfRefused);
            return false;
        }

        if (buckets.TryTake(ClientAddress.Of(call.Http), out _, out TimeSpan wait))
            return true;

        call.Http.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
        await call.RefuseAsync(MeshError.AddressRate);
        return false;
    }
}
