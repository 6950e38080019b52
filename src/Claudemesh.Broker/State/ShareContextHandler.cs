using System.Text.Json;
using Claudemesh.Broker.Sockets;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>Keeps what a 1.x member tells of its work in place of what it told before, and tells the other 1.x peers as of a state.</summary>
internal sealed class ShareContextHandler(ContextStore contexts) : IRequestHandler<ShareContext, ContextShared>
{
    public async ValueTask<Reply<ContextShared>> HandleAsync(ShareContext request, Caller caller, CancellationToken cancellationToken)
    {
        if (PlainObjects.RequiresSealed(caller))
            return MeshError.EncryptionRequired;

        ContextContent content = new(request.Summary, request.FilesRead ?? [], request.KeyFindings ?? [], request.Tags ?? []);
        if (JsonSerializer.SerializeToUtf8Bytes(content, StateJson.Default.ContextContent).Length > PlainObjects.BodyBytesMax)
            return MeshError.PayloadTooLarge;

        string name = PlainObjects.NameOf(caller);
        string id = await contexts.ShareAsync(
            caller.Workspace.Row.No, caller.MemberNo, RandomBytes.NextId(), name, content, CancellationToken.None);
        JsonElement summary = JsonSerializer.SerializeToElement(request.Summary, StateJson.Default.String);
        caller.Workspace.Objects.ToLegacy(new StateChange("_context:" + name, summary, name), caller.Connection);
        return new ContextShared(id);
    }
}
