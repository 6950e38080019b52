using System.Collections.Concurrent;
using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Streams;
using Claudemesh.Broker.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Workspaces;

/// <summary>The workspaces in use. One is opened when it is first asked for, and opened anew when its loop has failed.</summary>
internal sealed class OpenWorkspaces(
    WorkspaceStore workspaces,
    MemberStore members,
    GrantStore grants,
    LogStore logs,
    TopicStore topics,
    IDeliveryLog log,
    DeliveryBounds bounds,
    TimeProvider clock,
    ILoggerFactory loggers) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<MeshId, Task<Workspace?>> opening = [];
    private readonly ConcurrentDictionary<MeshId, Workspace> open = new();

    /// <summary>Null when there is no such workspace, or when it has ended.</summary>
    public async ValueTask<Workspace?> FindAsync(MeshId id, CancellationToken cancellationToken)
    {
        if (open.TryGetValue(id, out Workspace? workspace))
            return workspace;

        Task<Workspace?> opened;
        lock (gate)
        {
            // Opening goes on when the one who asked first goes away: others wait for it too.
            if (!opening.TryGetValue(id, out opened!))
                opening[id] = opened = Task.Run(() => OpenAsync(id), CancellationToken.None);
        }

        return await opened.WaitAsync(cancellationToken);
    }

    /// <summary>Whether there was such a workspace, and is no more.</summary>
    public async ValueTask<bool> HasEndedAsync(MeshId id, CancellationToken cancellationToken) =>
        await workspaces.FindAsync(id, cancellationToken) is { EndedAt: not null };

    public IEnumerable<Workspace> All() => open.Values;

    /// <summary>The broker stops: peers are told so, and come back when it is there again.</summary>
    public void CloseSockets()
    {
        foreach (SocketConnection connection in All().SelectMany(workspace => workspace.Sockets.Connections))
            _ = connection.CloseAsync(1001, "shutting down");
    }

    public void Dispose()
    {
        foreach (Workspace workspace in All())
            workspace.Dispose();
    }

    private async Task<Workspace?> OpenAsync(MeshId id)
    {
        try
        {
            Workspace? workspace = await BuildAsync(id);
            if (workspace is not null)
                open[id] = workspace;

            return workspace;
        }
        finally
        {
            lock (gate)
                opening.Remove(id);
        }
    }

    private async Task<Workspace?> BuildAsync(MeshId id)
    {
        CancellationToken never = CancellationToken.None;
        if (await workspaces.FindAsync(id, never) is not { EndedAt: null } row)
            return null;

        Activation activation = await log.OpenAsync(row.No, never);
        MemberBook book = new(await members.ListAsync(row.No, never));
        ScopeLogs scopes = await ScopeLogs.OpenAsync(row.No, id, logs, never);
        NoteFormerKeys(book, scopes.Mesh.Log);
        AddressBook addresses = new();
        foreach (MeshMember member in book.All)
            addresses.Put(member.Address);

        TopicBook topicBook = new();
        TopicFeed feed = new(activation.NextPosition - 1);
        SocketEffects sockets = new(new PushFrames(id, activation.Ids, book, topicBook), activation.Ids, addresses, topicBook, book, feed);
        DeliveryCore core = new(new CoreStart(row.No, activation.NextPosition, activation.Everyone), bounds);
        WorkspaceLoop loop = new(activation, core, log, sockets, clock, loggers.CreateLogger<WorkspaceLoop>());
        sockets.WhenBroken(() => Close(id));
        topicBook.TellTo(loop.Post);
        foreach (Topic topic in await topics.ListAsync(row.No, never))
            topicBook.Put(topic);

        OpenParts parts = new(
            activation, book, addresses, new GrantBook(await grants.ListAsync(row.No, never)), scopes, topicBook, feed, sockets, loop, activation.Ids);
        Workspace workspace = new(row, parts, clock);
        workspace.RefreshDirectory();
        return workspace;
    }

    private static void NoteFormerKeys(MemberBook book, Membership log)
    {
        foreach ((PublicKey key, KeyPast past) in log.Keys)
        {
            if (past.Successor is null)
                continue;

            // The last of them: its row is there, be it removed or not.
            PublicKey last = key;
            while (log.Keys[last].Successor is { } next)
                last = next;

            if (book.Find(last) is { } member)
                book.NoteFormer(key, member.No);
        }
    }

    /// <summary>Lets go of it: whoever asks for it again finds what the store says.</summary>
    public void Close(MeshId id)
    {
        if (open.TryRemove(id, out Workspace? workspace))
            workspace.Dispose();
    }
}

/// <summary>What an open workspace is put together from.</summary>
internal sealed record OpenParts(
    Activation Activation,
    MemberBook Members,
    AddressBook Addresses,
    GrantBook Grants,
    ScopeLogs Logs,
    TopicBook Topics,
    TopicFeed Feed,
    SocketEffects Sockets,
    WorkspaceLoop Loop,
    MessageIds Ids);
