using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Inbox;

/// <summary>Tells senders, signed by the member key, that a person has read their messages. What could not be told is told on the next connection.</summary>
internal sealed class ReadTeller(long workspaceNo, MemberIdentity identity, BrokerLink link, InboxStore inbox) : IDisposable
{
    private const int PageMax = 256;
    private const string ReadState = "read";

    private readonly SemaphoreSlim telling = new(1, 1);

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await telling.WaitAsync(cancellationToken);
        try
        {
            while (link.IsOpen && inbox.ReadUntold(workspaceNo, PageMax) is { Count: > 0 } page)
            {
                foreach (Seen seen in page)
                    await link.NotifyAsync(Sign(seen), cancellationToken);
                await inbox.ToldAsync(page, cancellationToken);
            }
        }
        catch (IOException)
        {
            // The connection was lost: the rest waits for the next.
        }
        finally
        {
            telling.Release();
        }
    }

    public void Dispose() => telling.Dispose();

    private MessageProgress Sign(Seen seen)
    {
        PublicKey? session = seen.SessionId is { } id ? identity.GetSession(id).Key.Public : null;
        var text = new ReceiptText(
            identity.MeshId, PublicKey.Parse(seen.SenderKey), seen.ClientMessageId, identity.Public, session, ReadState, Reason: null, seen.SeenAt);
        return new MessageProgress(
            MessageId.Parse(seen.MessageId), ProgressState.Read, seen.SeenAt, identity.Key.Sign(text), seen.SessionId is null ? null : SessionId.Parse(seen.SessionId));
    }
}
