using System.Net;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>How fast one address may knock at the doors that ask nobody who he is: each knock costs a write or the hash of a password.</summary>
internal sealed class SignInRate(TimeProvider clock)
{
    /// <summary>An office behind one address signs in in the morning; nobody needs more for longer.</summary>
    public const int PerSecond = 2;

    public const int AtOnce = 120;

    private readonly TokenBuckets<IPAddress> buckets = new(PerSecond, AtOnce, clock);

    /// <returns>False, with the refusal sent, when there is no room now.</returns>
    public async ValueTask<bool> TryTakeAsync(RestCall call)
    {
        if (buckets.TryTake(ClientAddress.Of(call.Http), out _, out TimeSpan wait))
            return true;

        await WaitAsync(call, wait);
        return false;
    }

    public static Task WaitAsync(RestCall call, TimeSpan wait)
    {
        call.Http.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
        return call.RefuseAsync(MeshError.SignInWait);
    }
}
