using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Groups;

/// <summary>Says what a session works on; replaces what it said before.</summary>
internal sealed class SetTagsHandler : IRequestHandler<SetTags, TagsSet>
{
    public ValueTask<Reply<TagsSet>> HandleAsync(SetTags request, Caller caller, CancellationToken cancellationToken)
    {
        if (!ChangePeer.Try(caller, request.SessionId, details => details with { Tags = [.. request.Tags.Select(tag => tag.Value)] }, out _))
            return ValueTask.FromResult<Reply<TagsSet>>(MeshError.SessionNotOpen);

        caller.Workspace.RefreshDirectory();
        return ValueTask.FromResult<Reply<TagsSet>>(new TagsSet(request.Tags));
    }
}
