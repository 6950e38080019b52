using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Claudemesh.TestKit;

/// <summary>
/// A port that the system gives to nobody else until this is disposed. It is bound and not listened on: whoever connects is refused, and one
/// who asks for this very port may listen there, stop, and listen again.
/// </summary>
public sealed class HeldPort : IDisposable
{
    private readonly Socket holder = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldPort()
    {
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Number = ((IPEndPoint)holder.LocalEndPoint!).Port;
    }

    public int Number { get; }

    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Number}"));

    public void Dispose() => holder.Dispose();
}
