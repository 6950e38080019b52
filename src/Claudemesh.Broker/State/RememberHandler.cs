using System.Text.Json;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.State;

/// <summary>Keeps a text of a 1.x client in clear, and the words it is found by.</summary>
internal sealed class RememberHandler(PlainObjects plain) : IRequestHandler<Remember, MemoryStored>
{
    public async ValueTask<Reply<MemoryStored>> HandleAsync(Remember request, Caller caller, CancellationToken cancellationToken)
    {
        string id = RandomBytes.NextId();
        MeshNo mesh = caller.Workspace.Row.No;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new MemoryText(request.Content, request.Tags ?? []), StateJson.Default.MemoryText);
        MeshError? refusal = await plain.WriteAsync(
            caller,
            ObjectKind.Memory,
            id,
            body,
            beside: scope => MemorySearch.Add(scope, mesh, id, string.Join(' ', [request.Content, .. request.Tags ?? []])),
            told: static () => { },
            CancellationToken.None);
        return refusal is null ? new MemoryStored(id, id) : refusal;
    }
}
