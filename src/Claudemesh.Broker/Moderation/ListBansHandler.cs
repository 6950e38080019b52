using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Who is banned, newest first. Who left of himself is not.</summary>
internal sealed class ListBansHandler : IRequestHandler<ListBans, ListBansResult>
{
    public ValueTask<Reply<ListBansResult>> HandleAsync(ListBans request, Caller caller, CancellationToken cancellationToken)
    {
        ListBansResult result = new([.. caller.Workspace.Members.All
            .Where(member => member is { Removed: true, Banned: true })
            .OrderByDescending(member => member.RemovedAt)
            .Select(member => new Banned(member.DisplayName, member.Key, member.RemovedAt!.Value))]);
        return ValueTask.FromResult<Reply<ListBansResult>>(result);
    }
}
