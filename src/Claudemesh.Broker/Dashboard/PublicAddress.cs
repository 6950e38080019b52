using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Dashboard;

/// <summary>Where people reach a broker that was not told: at the first address it listens on, by a name, because a passkey belongs to no number.</summary>
internal static class PublicAddress
{
    public static Uri Of(WebApplication app)
    {
        IServerAddressesFeature? bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        BindingAddress first = BindingAddress.Parse(bound?.Addresses.FirstOrDefault() ?? "http://localhost:7900");
        bool isNoName = first.Host is "*" or "+" || (IPAddress.TryParse(first.Host, out IPAddress? address) && IsNobodys(address));
        return new UriBuilder(first.Scheme, isNoName ? "localhost" : first.Host, first.Port).Uri;
    }

    private static bool IsNobodys(IPAddress address) => IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
