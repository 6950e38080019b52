using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Rest;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Workspaces;

/// <summary>The workspaces of the account that is signed in, and how a member becomes the account's: by a proof with the member's own key.</summary>
internal sealed class MyMeshesEndpoint(MemberClaims claims, OpenWorkspaces workspaces, AccountNews news, TimeProvider clock)
{
    public const string Id = "id";

    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(10);

    public async Task ListAsync(RestCall call) => await call.AnswerAsync(new MyMeshes([.. await claims.ListAsync(call.Account.No, call.Aborted)]));

    public async Task ClaimAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<MemberClaim>() is not { } claim)
            return;

        if (!MeshId.TryParse(call.Path(Id), out MeshId mesh) || await workspaces.FindAsync(mesh, call.Aborted) is not { } workspace)
        {
            await call.RefuseAsync(MeshError.NotYourWorkspace);
            return;
        }

        MeshError? refusal = Proves(claim, mesh, call.Account.Id)
            ? await claims.ClaimAsync(call.SignedIn!, workspace.Row.No, claim.MemberPub, call.Aborted)
            : MeshError.BadPossession.With("The proof is invalid for this key, account, workspace and time. Sign it anew and check the clock.");
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        await news.TellAsync(call.Account.No, AccountChange.Workspaces, call.Aborted);
        List<MyMesh> all = await claims.ListAsync(call.Account.No, call.Aborted);
        await (all.Find(each => each.Id == mesh) is { } mine ? call.AnswerAsync(mine) : call.RefuseAsync(MeshError.NotYourWorkspace));
    }

    private bool Proves(MemberClaim claim, MeshId mesh, UserId user)
    {
        long distance = Math.Abs(clock.GetUtcNow().ToUnixTimeMilliseconds() - claim.At);
        return distance <= (long)SkewMax.TotalMilliseconds
            && Ed25519.IsAcceptable(claim.MemberPub)
            && Ed25519.Verify(claim.MemberPub, new MemberClaimText(mesh.Value, user.Value, claim.MemberPub, claim.At), claim.Proof);
    }
}
