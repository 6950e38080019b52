using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Sockets;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Workspaces;

/// <summary><c>POST /api/v1/workspaces</c>: who holds the owner's key makes the workspace, and is its first member.</summary>
internal sealed class CreateWorkspaceEndpoint(WorkspaceStore workspaces, IOptions<WorkspaceOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(10);

    /// <param name="account">Null: whoever asks is not signed in.</param>
    public async Task HandleAsync(HttpContext context, SignedIn? account)
    {
        if (await HttpBodies.ReadAsync<CreateWorkspace>(context) is not { } request)
            return;

        if (Refuse(request, account) is { } refusal)
        {
            await HttpBodies.RefuseAsync(context, refusal);
            return;
        }

        (FirstRecords? log, MeshError? wrong) = FirstRecords.Judge(request, clock);
        if (wrong is not null)
        {
            await HttpBodies.RefuseAsync(context, wrong);
            return;
        }

        NewWorkspace workspace = new(
            request.MeshId,
            request.Slug,
            request.Name.Value,
            request.OwnerPubkey,
            log?.OwnerId ?? MemberId.Parse(RandomBytes.NextId()),
            request.DisplayName.Value,
            log);
        (Slug? slug, MemberId owner, MeshError? taken) = await workspaces.CreateAsync(workspace, context.RequestAborted);
        if (slug is null)
        {
            await HttpBodies.RefuseAsync(context, taken!);
            return;
        }

        await HttpBodies.ReplyAsync(
            context, StatusCodes.Status201Created, new WorkspaceCreated(request.MeshId, slug.Value, request.Name, owner));
    }

    private MeshError? Refuse(CreateWorkspace request, SignedIn? account)
    {
        if (options.Value.Creation is WorkspaceCreation.Nobody)
            return MeshError.CreationClosed;
        if (options.Value.Creation is WorkspaceCreation.Accounts && account?.Session is null)
            return MeshError.SignInRequired.With("Making a workspace needs an account on this broker: sign in, or run `claudemesh login`, and ask again.");

        long distance = Math.Abs(clock.GetUtcNow().ToUnixTimeMilliseconds() - request.CreatedAt);
        if (distance > (long)SkewMax.TotalMilliseconds)
            return MeshError.TimestampSkew.With("The request is invalid: its time is more than ten minutes from the broker's. Set this machine's clock.");

        WorkspaceCreateText text = new(
            request.MeshId.Value, request.Slug.Value, request.Name.Value, request.OwnerPubkey, request.CreatedAt);
        return Ed25519.Verify(request.OwnerPubkey, text, request.Proof) ? null : MeshError.BadSignature;
    }
}
