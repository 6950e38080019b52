using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Claudemesh.Broker.Accounts;

/// <summary>
/// The address that people and links use: what links are made with, who issues tokens, and the origin that passkeys and cookies belong to. The
/// operator's setting, else where the broker listens, by a name: a passkey needs one, so loopback is <c>localhost</c>.
/// </summary>
internal sealed class PublicAddress(BrokerSettings settings, IServer server)
{
    private Uri? url;

    /// <summary>Without a path. Known once the broker listens.</summary>
    public Uri Url => url ??= new Uri((settings.PublicUrl ?? FirstListened()).GetLeftPart(UriPartial.Authority));

    /// <summary>As the header <c>Origin</c> says it, and the issuer of tokens: without a closing slash.</summary>
    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    public bool IsSecure => Url.Scheme == Uri.UriSchemeHttps;

    public string LinkTo(string path) => Origin + path;

    private Uri FirstListened()
    {
        Uri first = new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()
            .Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal));
        bool isNoName = IPAddress.TryParse(first.Host.Trim('[', ']'), out IPAddress? address)
            && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return isNoName ? new UriBuilder(first) { Host = "localhost" }.Uri : first;
    }
}
