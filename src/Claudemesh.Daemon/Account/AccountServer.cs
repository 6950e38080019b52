using Claudemesh.Client;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>Where a broker's accounts are, as it says itself (RFC 8414).</summary>
/// <param name="Address">As it was asked for, without a closing slash.</param>
/// <param name="Issuer">What it calls itself.</param>
internal sealed record AccountServer(BrokerAddress Broker, string Address, string Issuer, string TokenPath, string DevicePath)
{
    /// <summary>Asks the broker. What it names must be on itself: nothing is sent to a place that its person did not name.</summary>
    public static async Task<LocalReply<AccountServer>> FindAsync(AccountHttp http, string broker, CancellationToken cancellationToken)
    {
        if (!BrokerAddress.TryParse(broker, out BrokerAddress? address))
            return AccountProblems.Invalid("A broker is an address like https://mesh.example.com.");

        string name = BrokerHttp.AddressOf(address);
        LocalReply<ServerMetadata> asked = await http.SendAsync(
            address, HttpMethod.Get, ".well-known/oauth-authorization-server", null, static (_, _) => { }, WireJson.Default.ServerMetadata, cancellationToken);
        if (asked.Value is not { } said)
            return asked.Problem!.Status is 404 || asked.Problem.Error is LocalErrors.BrokerRefused ? AccountProblems.NoAccounts(name) : asked.Problem;

        if (!Uri.TryCreate(said.Issuer, UriKind.Absolute, out Uri? issuer) || issuer.Scheme is not ("http" or "https"))
            return AccountProblems.NoAccounts(name);
        return PathAt(issuer, address, said.Token) is { } token && PathAt(issuer, address, said.DeviceAuthorization) is { } device
            ? new AccountServer(address, name, issuer.ToString().TrimEnd('/'), token, device)
            : BrokerProblems.Refused("", $"it sends who wants to sign in to another server than {name}.");
    }

    /// <returns>Null when it is on neither of the two.</returns>
    private static string? PathAt(Uri issuer, BrokerAddress broker, string? endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? at) && (IsAt(at, issuer) || IsAt(at, broker.Http)) ? at.AbsolutePath.TrimStart('/') : null;

    private static bool IsAt(Uri one, Uri other) => Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
