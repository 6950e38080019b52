using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>
/// The roots of one scope that a member has. One copy of the newest opens the past by the links backwards, until an epoch that cut it
/// off. Whatever a copy or a link gives is compared with the log's <c>root_id</c>, so it does not matter who sent it. One owner at a time.
/// </summary>
public sealed class RootHistory : IDisposable
{
    private readonly SortedDictionary<long, RootKey> roots = [];

    /// <summary>The newest root that is held, or null.</summary>
    public RootKey? Newest => roots.Count == 0 ? null : roots.Last().Value;

    /// <summary>Takes a root that this member made or kept; false, and disposed, when the log has another for its epoch.</summary>
    public bool TryAdd(Membership log, RootKey root)
    {
        bool right = log.FindRoot(root.Epoch) == root.Reference;
        if (!right || (!roots.TryAdd(root.Epoch, root) && roots[root.Epoch] != root))
            root.Dispose();
        return right;
    }

    /// <summary>Opens a copy of an epoch's root. False for a copy for somebody else, of another root, or of an epoch the log does not have.</summary>
    public bool TryOpen(Membership log, long epoch, SigningKey recipient, ReadOnlySpan<byte> copy)
    {
        if (roots.ContainsKey(epoch))
            return true;

        return log.FindRoot(epoch) is { } reference
            && RootKey.TryOpenCopy(recipient, copy, log.MeshId, reference, out RootKey? root)
            && TryAdd(log, root!);
    }

    /// <summary>The root of an epoch: held, or by the links from a newer one. Null when no copy and no link leads there.</summary>
    public RootKey? Find(Membership log, long epoch)
    {
        if (roots.TryGetValue(epoch, out RootKey? held))
            return held;
        if (log.FindRoot(epoch) is null || !roots.Keys.Any(newer => newer > epoch))
            return null;

        RootKey from = roots[roots.Keys.First(newer => newer > epoch)];
        while (from.Epoch > epoch)
        {
            LogBody.Epoch announced = log.Epochs[(int)(from.Epoch - 1)];
            RootReference older = log.FindRoot(from.Epoch - 1)!;
            if (announced.Back.IsEmpty || !from.TryOpenBack(announced.Back.Span, older, out RootKey? root))
                return null;

            roots.Add(root!.Epoch, root);
            from = root;
        }

        return from;
    }

    public void Dispose()
    {
        foreach (RootKey root in roots.Values)
            root.Dispose();
        roots.Clear();
    }
}
