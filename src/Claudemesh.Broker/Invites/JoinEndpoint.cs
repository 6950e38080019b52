using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Invites;

/// <summary>
/// <c>POST /join</c>: token, signature, role, uses and expiry are checked together, from the token alone. What the joiner says
/// the invite contains is compared and otherwise ignored (wire reference 7.3, 6).
/// </summary>
internal sealed class JoinEndpoint(OpenWorkspaces workspaces, InviteStore invites, TopicSeating topics, TimeProvider clock)
{
    private static readonly TimeSpan PossessionSkewMax = TimeSpan.FromMinutes(10);

    public async Task HandleAsync(HttpContext context)
    {
        if (await HttpBodies.ReadAsync<Join>(context, ok: false) is not { } join)
            return;

        if (Check(join, out LegacyInviteToken? invite) is { } wrong)
        {
            await HttpBodies.RefuseAsync(context, wrong, ok: false);
            return;
        }

        Workspace? workspace = MeshId.TryParse(invite!.Invite.MeshId, out MeshId id)
            ? await workspaces.FindAsync(id, context.RequestAborted)
            : null;
        if (workspace is null || invite.Invite.Owner != workspace.Row.OwnerKey)
        {
            await HttpBodies.RefuseAsync(context, workspace is null ? MeshError.MeshNotFound : MeshError.InviteOwnerMismatch, ok: false);
            return;
        }

        if (workspace.IsArchived)
            await HttpBodies.RefuseAsync(context, MeshError.WorkspaceArchived, ok: false);
        else
            await JoinAsync(context, join, invite, workspace);
    }

    private MeshError? Check(Join join, out LegacyInviteToken? invite)
    {
        if (!LegacyInviteToken.TryParse(join.InviteToken, out invite))
            return MeshError.InviteBadSignature;

        if (!Ed25519.IsAcceptable(join.PeerPubkey))
            return MeshError.BadPossession.With("peer_pubkey is invalid: it is no key that can sign.");

        if (!Matches(join.InvitePayload, invite!.Invite))
            return MeshError.InviteBadSignature.With("The invite_payload is invalid: it is not what the invite_token says.");

        return join.Possession is null || Proves(join, invite) ? null : MeshError.BadPossession;
    }

    private async Task JoinAsync(HttpContext context, Join join, LegacyInviteToken invite, Workspace workspace)
    {
        bool known = workspace.Members.Find(join.PeerPubkey) is not null;
        JoinRequest request = new(
            workspace.Row.No,
            TokenHash(join.InviteToken).Span.ToArray(),
            join.PeerPubkey,
            MemberId.Parse(RandomBytes.NextId()),
            join.DisplayName.Value,
            invite.Invite.Role is "admin" ? MemberRole.Admin : MemberRole.Member,
            join.Possession is null ? MemberKind.Legacy : MemberKind.Person,
            Waits(workspace, join));

        (MeshMember? member, WaitingMember? waiting, MeshError? refusal) = await invites.JoinAsync(request, context.RequestAborted);
        if (refusal is not null)
        {
            await HttpBodies.RefuseAsync(context, refusal, ok: false);
            return;
        }

        if (member is not null)
        {
            MemberAdmin.Added(workspace, member);
            await topics.EnterAndRefreshAsync(workspace, member.No, context.RequestAborted);
        }
        else
        {
            WaitingNews.SomebodyWaits(workspace);
        }

        Joined joined = new(
            Ok: true, member?.Id ?? waiting!.MemberId, known ? true : null, workspace.Row.Slug, workspace.Row.Name, member?.Role ?? waiting!.Role,
            waiting is null ? null : true);
        await HttpBodies.ReplyAsync(context, StatusCodes.Status200OK, joined);
    }

    /// <summary>
    /// A link of 1.x has no secret: where there is a log, a client of ours is let in by a record only. A 1.x client knows no records; it comes in as it
    /// always did where the workspace takes what such clients write.
    /// </summary>
    private static bool Waits(Workspace workspace, Join join) =>
        !workspace.Logs.Mesh.IsEmpty && (join.Possession is not null || workspace.Logs.Mesh.Log.EncryptionRequired);

    private static bool Matches(InvitePayload payload, in LegacyInvite invite) =>
        payload.V == 1
        && string.Equals(payload.MeshId, invite.MeshId, StringComparison.Ordinal)
        && string.Equals(payload.MeshSlug, invite.MeshSlug, StringComparison.Ordinal)
        && string.Equals(payload.BrokerUrl, invite.BrokerUrl, StringComparison.Ordinal)
        && payload.ExpiresAt == invite.ExpiresAt
        && string.Equals(payload.MeshRootKey, invite.RootKey, StringComparison.Ordinal)
        && string.Equals(payload.Role, invite.Role, StringComparison.Ordinal)
        && string.Equals(payload.OwnerPubkey, invite.Owner.ToString(), StringComparison.Ordinal);

    private bool Proves(Join join, LegacyInviteToken invite)
    {
        long joinedAt = join.JoinedAt ?? 0;
        long distance = Math.Abs(clock.GetUtcNow().ToUnixTimeMilliseconds() - joinedAt);
        JoinPossessionText text = new(invite.Invite.MeshId, TokenHash(join.InviteToken), join.PeerPubkey, joinedAt);
        return distance <= (long)PossessionSkewMax.TotalMilliseconds && Ed25519.Verify(join.PeerPubkey, text, join.Possession);
    }

    private static Digest TokenHash(string token) => Sha256.Hash(token);
}
