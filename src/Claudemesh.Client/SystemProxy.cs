using System.Net;
using System.Net.Http;

namespace Claudemesh.Client;

/// <summary>
/// The system's proxy, by <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>NO_PROXY</c> or its settings; but never for this machine itself: what a proxy would
/// reach under that name is the proxy's own machine.
/// </summary>
public sealed class SystemProxy : IWebProxy
{
    public static SystemProxy Instance { get; } = new();

    private SystemProxy()
    {
    }

    public ICredentials? Credentials
    {
        get => HttpClient.DefaultProxy.Credentials;
        set => throw new NotSupportedException("The system's proxy is set in the environment.");
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : HttpClient.DefaultProxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || HttpClient.DefaultProxy.IsBypassed(host);
}
