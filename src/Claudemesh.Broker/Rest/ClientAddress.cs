using System.Net;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Rest;

/// <summary>
/// Whom bounds for an address count. Behind a proxy on this machine it is the one that the proxy has seen, the last in <c>X-Forwarded-For</c>: what
/// stands before it a caller can make up. Of IPv6 the first 64 bits: whoever has one such address has the others of that net.
/// </summary>
internal static class ClientAddress
{
    private const int NetBytes = 8;

    public static IPAddress Of(HttpContext context)
    {
        IPAddress address = Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
        string? said = context.Request.Headers["X-Forwarded-For"].LastOrDefault();
        if (said is not null && IPAddress.IsLoopback(address) && IPAddress.TryParse(said[(said.LastIndexOf(',') + 1)..].Trim(), out IPAddress? seen))
            address = Plain(seen);

        if (address.AddressFamily is not System.Net.Sockets.AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address;

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(NetBytes).Clear();
        return new IPAddress(bytes);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
