using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Grants;

/// <summary>The grants of an open workspace: an entry replaces the default for that sender, an empty one is a block.</summary>
internal sealed class GrantBook(IEnumerable<Grant> grants) : IDisposable
{
    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly ConcurrentDictionary<(MemberNo Recipient, PublicKey Sender), Capability> entries =
        new(grants.Select(grant => KeyValuePair.Create((grant.Recipient, grant.Sender), grant.Capabilities)));

    public IEnumerable<Grant> All => entries.Select(entry => new Grant(entry.Key.Recipient, entry.Key.Sender, entry.Value));

    /// <summary>Writes a change and then keeps it, one after the other: the book always says what the store says.</summary>
    public async Task<Capability> ChangeAsync(MemberNo recipient, PublicKey sender, Func<Task<Capability>> write, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            Capability changed = await write();
            Set(recipient, sender, changed == Capability.Default ? null : changed);
            return changed;
        }
        finally
        {
            changing.Release();
        }
    }

    /// <param name="capabilities">Null takes the entry away: the default holds again.</param>
    public void Set(MemberNo recipient, PublicKey sender, Capability? capabilities)
    {
        if (capabilities is { } given)
            entries[(recipient, sender)] = given;
        else
            entries.TryRemove((recipient, sender), out _);
    }

    /// <summary>What was said of a member holds for its new key.</summary>
    public void ChangeKey(PublicKey old, PublicKey renewed)
    {
        foreach (((MemberNo recipient, PublicKey sender), Capability given) in entries)
        {
            if (sender != old)
                continue;

            entries[(recipient, renewed)] = given;
            entries.TryRemove((recipient, old), out _);
        }
    }

    public void Dispose() => changing.Dispose();
}
