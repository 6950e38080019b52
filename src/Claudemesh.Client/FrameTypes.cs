using System.Text;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

internal static class FrameTypes
{
    internal static bool Is<T>(ReadOnlySpan<byte> type)
        where T : IMessage => Ascii.Equals(type, T.WireType);

    /// <summary>Reads an event that comes unasked; null for types that mean nothing here, which are ignored as the protocol says.</summary>
    internal static BrokerEvent? ReadEvent(ReadOnlySpan<byte> type, ReadOnlySpan<byte> frame) =>
        Read<Push>(type, frame, push => new BrokerEvent.Pushed(push))
        ?? Read<Receipt>(type, frame, receipt => new BrokerEvent.Receipted(receipt))
        ?? Read<ErrorReply>(type, frame, refusal => new BrokerEvent.Refused(refusal))
        ?? Read<Resync>(type, frame, resync => new BrokerEvent.ResyncNeeded(resync.Reason))
        ?? Read<LogHeadMoved>(type, frame, moved => new BrokerEvent.HeadMoved(moved))
        ?? Read<CopiesWanted>(type, frame, wanted => new BrokerEvent.CopiesAsked(wanted))
        ?? Read<CopiesGiven>(type, frame, given => new BrokerEvent.CopyGiven(given))
        ?? Read<WorkspaceChanged>(type, frame, change => new BrokerEvent.WorkspaceTold(change))
        ?? Read<TopicChanged>(type, frame, change => new BrokerEvent.TopicTold(change))
        ?? Read<ObjectChanged>(type, frame, changed => new BrokerEvent.ObjectTold(changed))
        ?? Read<AccountChanged>(type, frame, changed => new BrokerEvent.AccountTold(changed));

    private static BrokerEvent? Read<T>(ReadOnlySpan<byte> type, ReadOnlySpan<byte> frame, Func<T, BrokerEvent> make)
        where T : class, IMessage
    {
        if (!Is<T>(type))
            return null;

        return FrameReader.TryRead(frame, out T? message, out MeshError? refusal)
            ? make(message)
            : new BrokerEvent.Unreadable(T.WireType, refusal.Message);
    }
}
