using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>
/// Keeps an invite that the owner has signed. The token is checked as a joiner's would be, so that no invite is ever handed
/// out that cannot be used; only its hash is kept.
/// </summary>
internal sealed class InviteCreateHandler(InviteStore invites, TimeProvider clock) : IRequestHandler<InviteCreate, InviteCreated>
{
    public async ValueTask<Reply<InviteCreated>> HandleAsync(InviteCreate request, Caller caller, CancellationToken cancellationToken)
    {
        if (!LegacyInviteToken.TryParse(request.Token, out LegacyInviteToken? token))
            return MeshError.InviteBadSignature;

        if (!string.Equals(token!.Invite.MeshId, caller.Workspace.Id.Value, StringComparison.Ordinal))
            return MeshError.InviteMeshMismatch;

        if (token.Invite.Owner != caller.Workspace.Row.OwnerKey)
            return MeshError.InviteOwnerMismatch;

        DateTimeOffset expiresAt = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(token.Invite.ExpiresAt, 0, 253_402_300_799));
        if (expiresAt <= clock.GetUtcNow())
            return MeshError.InviteExpired;

        InviteId id = InviteId.Parse(RandomBytes.NextId());
        NewInvite invite = new(
            id,
            caller.Workspace.Row.No,
            Sha256.Hash(request.Token).Span.ToArray(),
            token.Invite.Role is "admin" ? MemberRole.Admin : MemberRole.Member,
            request.Uses,
            caller.MemberNo,
            expiresAt);
        return await invites.AddAsync(invite, cancellationToken, AuditActor.Of(caller)) ? new InviteCreated(id) : MeshError.InviteExists;
    }
}
