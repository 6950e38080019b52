using System.Globalization;
using System.Text;
using Claudemesh.Crypto;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>What the log of one scope says at one head, and what each message is compared with, made once. Never changed.</summary>
internal sealed class ScopeState
{
    /// <summary>Kind, workspace, target, two keys, id, time, reply, priority and mentions.</summary>
    private const int FieldsBeforeRoot = 10;

    private readonly byte[] scope;
    private readonly byte[] epoch;
    private readonly byte[] rootId = [];

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

    /// <summary>Nothing was ever appended.</summary>
    public bool IsEmpty => Log.Head.Seq == 0;

    /// <summary>Nothing may be written under the current root any more, or there is none.</summary>
    public bool RotationDue { get; }

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
