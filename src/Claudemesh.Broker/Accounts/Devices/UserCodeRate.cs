using System.Net;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// How many user codes that are none an account, and an address, may try (RFC 8628 5.1): with every request that may wait, a try finds one of them with
/// a chance of one in two and a half million. Codes that are found cost nothing.
/// </summary>
internal sealed class UserCodeRate(TimeProvider clock)
{
    /// <summary>Typing errors of one person.</summary>
    public const int AtOnce = 10;

    /// <summary>Several people behind one address.</summary>
    public const int AtOncePerAddress = 30;

    private const double PerSecond = 1 / 60.0;

    private readonly TokenBuckets<long> accounts = new(PerSecond, AtOnce, clock);
    private readonly TokenBuckets<IPAddress> addresses = new(PerSecond * 5, AtOncePerAddress, clock);

    /// <param name="wait">How long until there is room, where there is none.</param>
    public bool TryTake(long account, IPAddress address, out TimeSpan wait)
    {
        if (!addresses.TryTake(address, out _, out wait))
            return false;
        if (accounts.TryTake(account, out _, out wait))
            return true;

        addresses.GiveBack(address);
        return false;
    }

    public void GiveBack(long account, IPAddress address)
    {
        accounts.GiveBack(account);
        addresses.GiveBack(address);
    }
}
