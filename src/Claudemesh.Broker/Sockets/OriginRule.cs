using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Claudemesh.Broker.Sockets;

/// <summary>
/// A browser says which page opens a socket; only the broker's own pages and named others may. Other programs send no Origin.
/// </summary>
internal static class OriginRule
{
    public static bool Admits(HttpRequest request, IList<string> allowed)
    {
        StringValues origin = request.Headers.Origin;
        if (StringValues.IsNullOrEmpty(origin))
            return true;

        return Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
            && (string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
                || allowed.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase));
    }
}
