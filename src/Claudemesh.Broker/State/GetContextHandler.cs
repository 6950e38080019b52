using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>Finds what 1.x members told of their work by a part of the summary or by a tag.</summary>
internal sealed class GetContextHandler(ContextStore contexts) : IRequestHandler<GetContext, ContextResults>
{
    public async ValueTask<Reply<ContextResults>> HandleAsync(GetContext request, Caller caller, CancellationToken cancellationToken) =>
        new ContextResults([.. await contexts.FindAsync(caller.Workspace.Row.No, request.Query, cancellationToken)]);
}
