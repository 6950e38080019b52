using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Invites;

/// <summary>
/// <c>POST /api/v1/join</c>. Who knows the link's secret appends his own <c>join</c> record and is a member; who has the code alone waits until an
/// admin's device admits him. Asked again, because the answer was not heard, it answers as before.
/// </summary>
internal sealed partial class JoinByLogEndpoint(
    LogInvites invites, LogAppends appends, Database database, MemberClaims claims, TimeProvider clock, ILogger<JoinByLogEndpoint> logger)
{
    private static readonly TimeSpan PossessionSkewMax = TimeSpan.FromMinutes(10);

    /// <param name="account">Whose the joiner says to be; null: he does not say.</param>
    public async Task HandleAsync(HttpContext context, SignedIn? account)
    {
        if (await HttpBodies.ReadAsync<JoinByLog>(context) is not { } join)
            return;

        if (await invites.FindAsync(join.InviteId, context.RequestAborted) is not { } found)
        {
            await HttpBodies.RefuseAsync(context, MeshError.InviteNotFound);
            return;
        }

        if (!Proves(join, found.Workspace.Id))
        {
            await HttpBodies.RefuseAsync(context, MeshError.BadPossession);
            return;
        }

        if (account is not null
            && await claims.FindObstacleAsync(account.Account.No, found.Workspace.Row.No, join.Pubkey, context.RequestAborted) is { } obstacle)
        {
            await HttpBodies.RefuseAsync(context, obstacle);
            return;
        }

        (JoinedByLog? joined, MeshError? refusal, Action answered) = await JoinAsync(join, found, context.RequestAborted);
        if (joined is null)
            await HttpBodies.RefuseAsync(context, refusal!);
        else
            await HttpBodies.ReplyAsync(context, StatusCodes.Status200OK, joined);
        answered();
    }

    private async Task<(JoinedByLog? Joined, MeshError? Refusal, Action Answered)> JoinAsync(
        JoinByLog join, FoundInvite found, CancellationToken cancellationToken)
    {
        Workspace workspace = found.Workspace;
        if (workspace.Members.Find(join.Pubkey) is { } known && workspace.Logs.Mesh.Log.Keys.ContainsKey(join.Pubkey))
            return known.Removed ? (null, MeshError.MemberRemoved, Nothing) : (Answer(workspace, known.Id, known.Role, waiting: false), null, Nothing);

        MeshError? wrong = found.WhyClosed(clock) ?? (join.Records is null ? null : CheckRecord(join));
        if (wrong is not null)
            return (null, wrong, Nothing);

        if (join.Records is null)
            return await WaitAsync(join, found, cancellationToken);

        LogBatch batch = new(RootReference.MeshScope, join.Records, join.Copies, JoinerName: join.DisplayName.Value);
        LogOutcome outcome = await appends.AppendAsync(workspace, batch, first: null, cancellationToken);
        if (outcome.Refusal is { } refusal)
            return (null, await WhyMovedAsync(found, refusal, cancellationToken), Nothing);

        MeshMember member = workspace.Members.Find(join.Pubkey)!;
        LogJoined(member.Id.Value, workspace.Id.Value, join.InviteId.Value);
        return (Answer(workspace, member.Id, member.Role, waiting: false), null, outcome.Answered);
    }

    private async Task<(JoinedByLog? Joined, MeshError? Refusal, Action Answered)> WaitAsync(
        JoinByLog join, FoundInvite found, CancellationToken cancellationToken)
    {
        Workspace workspace = found.Workspace;
        if (workspace.Members.Find(join.Pubkey) is { } known)
            return known.Removed ? (null, MeshError.MemberRemoved, Nothing) : (Answer(workspace, known.Id, known.Role, waiting: false), null, Nothing);

        WaitingMember newcomer = new(
            MemberId.Parse(RandomBytes.NextId()), join.Pubkey, join.DisplayName, join.InviteId, MemberRoles.Of(found.Invite.Role),
            MemberKind.Person, clock.GetUtcNow());
        (WaitingMember? waiting, MeshError? refusal) = await database.WriteAsync(
            write => WaitingStore.Add(write, workspace.Row.No, newcomer), cancellationToken);
        if (waiting is null)
            return (null, refusal, Nothing);

        WaitingNews.SomebodyWaits(workspace);
        return (Answer(workspace, waiting.MemberId, waiting.Role, waiting: true), null, Nothing);
    }

    /// <summary>Who was a moment too late for the last use is told so, and does not sign anew for nothing.</summary>
    private async ValueTask<MeshError> WhyMovedAsync(FoundInvite found, MeshError refusal, CancellationToken cancellationToken) =>
        (await invites.FindAsync(found.Id, cancellationToken))?.WhyClosed(clock) ?? refusal;

    private bool Proves(JoinByLog join, MeshId mesh)
    {
        long distance = Math.Abs(clock.GetUtcNow().ToUnixTimeMilliseconds() - join.JoinedAt);
        JoinPossessionText text = new(mesh.Value, Sha256.Hash(join.InviteId.Value), join.Pubkey, join.JoinedAt);
        return distance <= (long)PossessionSkewMax.TotalMilliseconds
            && Ed25519.IsAcceptable(join.Pubkey)
            && Ed25519.Verify(join.Pubkey, text, join.Possession);
    }

    private static MeshError? CheckRecord(JoinByLog join)
    {
        bool isJoin = LogRecordText.TryParse(join.Records![0].Record, out LogRecordText text)
            && text.Author == join.Pubkey
            && LogBody.TryParse(text.Type, text.Body.Span, out LogBody? body)
            && body is LogBody.Join named
            && string.Equals(named.InviteId, join.InviteId.Value, StringComparison.Ordinal);
        if (!isJoin)
            return MeshError.LogRefused.With("The records are invalid: send one join record, by the joining key and for this invite.");

        return Array.TrueForAll(join.Copies ?? [], copy => copy.Recipient == join.Pubkey)
            ? null
            : MeshError.BadCopy.With("A copy is invalid: a joiner seals the root to his own key only.");
    }

    private static JoinedByLog Answer(Workspace workspace, MemberId member, MemberRole role, bool waiting) =>
        new(member, workspace.Id, workspace.Row.Slug, workspace.Row.Name, role, waiting);

    private static void Nothing()
    {
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} joined workspace {Mesh} by invite {Invite}")]
    private partial void LogJoined(string member, string mesh, string invite);
}
