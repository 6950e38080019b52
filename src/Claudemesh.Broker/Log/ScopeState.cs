using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>What the log of one scope says at one head, and what each message is compared with, made once. What it says never changes.</summary>
internal sealed class ScopeState
{
    /// <summary>Kind, workspace, target, two keys, id, time, reply, priority and mentions.</summary>
    private const int FieldsBeforeRoot = 10;

    /// <summary>How often the others are told that somebody has no copy: each of them looks whether it can seal one.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(10);

    private readonly byte[] scope;
    private readonly byte[] epoch;
    private readonly byte[] rootId = [];
    private readonly ConcurrentDictionary<PublicKey, DateTimeOffset> asked = new();

    /// <param name="mesh">The workspace's own log where <paramref name="log"/> is a topic's.</param>
    public ScopeState(Membership log, Membership? mesh = null)
    {
        Log = log;
        RotationDue = log.IsRotationDue(mesh);
        scope = Encoding.UTF8.GetBytes(log.Scope);
        epoch = Encoding.UTF8.GetBytes(log.Epoch.ToString(CultureInfo.InvariantCulture));
        if (log.FindRoot(log.Epoch) is { } root)
            rootId = root.RootId.Span.ToArray();
    }

    public Membership Log { get; }

    /// <summary>Of the current epoch.</summary>
    public CopyHolders Holders { get; } = new();

    /// <summary>Nothing was ever appended.</summary>
    public bool IsEmpty => Log.Head.Seq == 0;

    /// <summary>Nothing may be written under the current root any more, or there is none.</summary>
    public bool RotationDue { get; }

    /// <summary>Whether the others should be asked for a copy for this member now.</summary>
    public bool MayAsk(PublicKey recipient, DateTimeOffset now)
    {
        if (asked.TryGetValue(recipient, out DateTimeOffset before) && now - before < AskEvery)
            return false;

        asked[recipient] = now;
        return true;
    }

    /// <summary>Whether a version 3 body with this header may be taken: it names the current root, and no rotation is due. Allocates nothing.</summary>
    public bool Takes(ReadOnlySpan<byte> header)
    {
        if (RotationDue || !SignedFields.TryOpen(header, MessageHeader.Label, out SignedFields fields))
            return false;

        for (int i = 0; i < FieldsBeforeRoot; i++)
        {
            if (!fields.TryField(out _))
                return false;
        }

        return fields.TryField(out ReadOnlySpan<byte> named) && named.SequenceEqual(scope)
            && fields.TryField(out named) && named.SequenceEqual(epoch)
            && fields.TryField(out named) && named.SequenceEqual(rootId)
            && fields.AtEnd;
    }
}
