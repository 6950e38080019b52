using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Claudemesh.Daemon.Account;

/// <summary>Says that something of an account may have changed, here or at its broker. Saying it costs nothing; <see cref="AccountKeeper"/> looks.</summary>
internal sealed class AccountSignals
{
    private readonly ConcurrentDictionary<string, bool> stirred = new(StringComparer.OrdinalIgnoreCase);
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="broker">The account's, or a workspace's.</param>
    /// <param name="asksAll">Whether everything is to be asked again, and not only what changed here to be told.</param>
    public void Stir(string broker, bool asksAll = false)
    {
        stirred.AddOrUpdate(broker, asksAll, (_, before) => before || asksAll);
        signal.Writer.TryWrite(true);
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => signal.Reader.ReadAsync(cancellationToken);

    public IReadOnlyDictionary<string, bool> Take()
    {
        var taken = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        foreach (string broker in stirred.Keys)
        {
            if (stirred.TryRemove(broker, out bool asksAll))
                taken[broker] = asksAll;
        }

        return taken;
    }
}
