using System.Net;
using System.Net.Http;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace Claudemesh.Client;

/// <summary>The ways in which a broker cannot be reached; each has another remedy.</summary>
public enum DialFaultKind
{
    /// <summary>Its name is not known to the network.</summary>
    Name,

    /// <summary>Nobody listens there, or no way leads there.</summary>
    Connection,

    /// <summary>A proxy is on the way and does not let us through.</summary>
    Proxy,

    /// <summary>Its certificate is of an authority that is not trusted here.</summary>
    Authority,

    /// <summary>Another fault of the secured connection: the name, the time, the protocol.</summary>
    Tls,

    /// <summary>Something answers that is no broker.</summary>
    NoBroker,
}

/// <summary>Why a broker could not be reached.</summary>
/// <param name="Why">What was seen, as a clause.</param>
/// <param name="Advice">What it means and what to do about it, as sentences.</param>
public sealed record DialFault(DialFaultKind Kind, string Why, string Advice)
{
    // The daemon outlives the shell in which the variable was set.
    private const string WhenRead = "it is read when the daemon starts, so stop the running one with `claudemesh daemon down`";

    /// <summary>What the failure to reach <paramref name="address"/> means.</summary>
    /// <param name="proxies">Those that were gone by.</param>
    public static DialFault Of(Exception error, Uri address, IWebProxy proxies)
    {
        string? proxy = FindProxy(proxies, address);
        if (Chain(error).OfType<HttpRequestException>().FirstOrDefault() is not { } failed)
        {
            return error is WebSocketException { WebSocketErrorCode: WebSocketError.NotAWebSocket }
                ? Make(DialFaultKind.NoBroker, error.Message, address, proxy)
                : Make(DialFaultKind.Connection, error.GetBaseException().Message, address, proxy);
        }

        string why = (failed.InnerException ?? failed).Message;
        return failed.HttpRequestError switch
        {
            HttpRequestError.ProxyTunnelError when WantsPassword(failed) => OfProxyWithoutPassword(proxy),
            HttpRequestError.ProxyTunnelError => Make(DialFaultKind.Proxy, failed.StatusCode is { } status ? $"it answers HTTP {(int)status}" : "it refuses the tunnel", address, proxy),
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError when proxy is not null => Make(DialFaultKind.Proxy, $"it cannot be reached itself: {why}", address, proxy),
            HttpRequestError.NameResolutionError => Make(DialFaultKind.Name, why, address, proxy),
            HttpRequestError.SecureConnectionError when IsUntrusted(failed) => Make(DialFaultKind.Authority, why, address, proxy),
            HttpRequestError.SecureConnectionError => Make(DialFaultKind.Tls, why, address, proxy),
            HttpRequestError.ConnectionError => Make(DialFaultKind.Connection, why, address, proxy),
            _ => Make(DialFaultKind.NoBroker, failed.Message, address, proxy),
        };
    }

    /// <param name="proxy">Its address, or null when that is not known.</param>
    public static DialFault OfProxyWithoutPassword(string? proxy) => new(
        DialFaultKind.Proxy,
        "it asks for a password",
        $"The proxy {proxy} asks for a password. HTTPS_PROXY and HTTP_PROXY can hold it, as http://NAME:PASSWORD@HOST:PORT; {WhenRead}.");

    /// <summary>The proxy on the way to <paramref name="address"/>, without its password; null when there is none.</summary>
    public static string? FindProxy(IWebProxy proxies, Uri address) =>
        proxies.IsBypassed(address) || proxies.GetProxy(address) is not { } proxy || proxy == address
            ? null
            : proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static DialFault Make(DialFaultKind kind, string why, Uri address, string? proxy) => new(kind, why, kind switch
    {
        DialFaultKind.Name => $"The name {address.Host} is not known here ({why}).",
        DialFaultKind.Connection => $"Nobody answers there ({why}).",
        DialFaultKind.Proxy => $"The proxy {proxy} of HTTPS_PROXY or HTTP_PROXY does not let us through: {why}. NO_PROXY={address.Host} goes past it; {WhenRead}.",
        DialFaultKind.Authority => $"Its certificate is of an authority that this machine does not trust. SSL_CERT_FILE can name the file of that authority; {WhenRead}.",
        DialFaultKind.Tls => $"It cannot be spoken to safely ({why}).",
        _ => $"What answers there is no broker ({why}).",
    });

    private static bool WantsPassword(HttpRequestException failed) =>
        failed.StatusCode is HttpStatusCode.ProxyAuthenticationRequired || failed.Message.Contains("'407'", StringComparison.Ordinal);

    // The framework says what is wrong with the chain in words only.
    private static bool IsUntrusted(HttpRequestException failed) =>
        failed.InnerException is AuthenticationException { Message: var message }
        && (message.Contains("UntrustedRoot", StringComparison.Ordinal) || message.Contains("PartialChain", StringComparison.Ordinal));

    private static IEnumerable<Exception> Chain(Exception error)
    {
        for (Exception? one = error; one is not null; one = one.InnerException)
            yield return one;
    }
}
