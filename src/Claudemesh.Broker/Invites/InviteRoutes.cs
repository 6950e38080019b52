using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>
/// Invites over REST. A link of 1.x lets whoever has it in, so it is told once, to the owner who signed it, and kept as a hash: no list and no
/// page has it. The routes of a joiner take no key: he has none yet.
/// </summary>
internal static class InviteRoutes
{
    private static readonly RestParameter After = new("after", "The seq of the last record that you hold; usually 0, for none.", ParameterKind.Number);

    private static readonly MeshError[] Closed = [MeshError.InviteNotFound, MeshError.InviteExpired, MeshError.InviteRevoked, MeshError.InviteExhausted, MeshError.WorkspaceArchived];

    public static RestRoutes MapInvites(this RestRoutes routes) => routes
        .Add(new("GET", "/invites", Operation.AdministerInvites, KeyReach.Workspace,
            "Lists the invites that can still be used, newest first.", ListAsync) { Reply = typeof(InvitesList) })
        .Add(new("POST", "/invites", Operation.Invite, KeyReach.Workspace, "Keeps a 1.x invite that the owner has signed.", CreateAsync)
        {
            Body = typeof(InviteCreate),
            Reply = typeof(InviteCreated),
            Status = 201,
            Refusals =
            [
                MeshError.InviteBadSignature, MeshError.InviteMeshMismatch, MeshError.InviteOwnerMismatch,
                MeshError.InviteExpired, MeshError.InviteExists,
            ],
        })
        .Add(new("DELETE", "/invites/{id}", Operation.AdministerInvites, KeyReach.Workspace,
            "Ends an open 1.x invite, by its id or a beginning that only it has.", EndAsync)
        {
            Reply = typeof(InviteEnded),
            Refusals = [MeshError.InviteNotFound, MeshError.AmbiguousPrefix, MeshError.InviteInLog],
        })
        .Add(new("GET", "/invites/{id}", Operation: null, KeyReach.Workspace, "Shows an open invite of the log to who is about to join by it.", ShowAsync)
        {
            Reply = typeof(InviteInfo),
            Refusals = Closed,
        })
        .Add(new("GET", "/invites/{id}/log", Operation: null, KeyReach.Workspace, "Reads the workspace's log before joining.", ReadLogAsync)
        {
            Query = [After],
            Reply = typeof(LogPage),
            Refusals = Closed,
        })
        .Add(new("POST", "/join", Operation: null, KeyReach.Workspace, "Joins by an invite of the log.", JoinAsync)
        {
            Body = typeof(JoinByLog),
            Reply = typeof(JoinedByLog),
            Refusals =
            [
                .. Closed, MeshError.BadPossession, MeshError.LogMoved, MeshError.LogRefused,
                MeshError.BadCopy, MeshError.MemberRemoved, MeshError.AlreadyMember, MeshError.WaitingFull,
            ],
        })
        .Add(new("POST", "/invites/{id}/mail", Operation.AdministerInvites, KeyReach.Workspace,
            "Writes an open invite of the log to somebody: its link without the secret, so he waits to be admitted.", MailAsync)
        {
            Body = typeof(InviteLetter),
            Reply = typeof(InviteMailed),
            Status = 202,
            Refusals = [MeshError.MailAbsent, MeshError.InviteMailRate, .. Closed],
        });

    private static async Task ListAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<ListInvitesHandler, ListInvites, InvitesList>(new ListInvites()));

    private static async Task CreateAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<InviteCreate>() is { } request)
            await call.AnswerAsync(await call.AskAsync<InviteCreateHandler, InviteCreate, InviteCreated>(request));
    }

    private static async Task EndAsync(RestCall call) => await (InviteId.TryParse(call.Path("id"), out InviteId id)
        ? call.AnswerAsync(await call.AskAsync<InviteRevokeHandler, InviteRevoke, InviteEnded>(new InviteRevoke(id)))
        : call.RefuseAsync(MeshError.InviteNotFound));

    private static Task ShowAsync(RestCall call) => call.Get<LogInviteEndpoint>().ShowAsync(call.Http);

    private static Task ReadLogAsync(RestCall call) => call.Get<LogInviteEndpoint>().ReadLogAsync(call.Http);

    private static async Task JoinAsync(RestCall call)
    {
        (SignedIn? account, MeshError? refusal) = await OptionalAccount.FindAsync(call);
        await (refusal is null ? call.Get<JoinByLogEndpoint>().HandleAsync(call.Http, account) : call.RefuseAsync(refusal));
    }

    private static async Task MailAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<InviteLetter>() is not { } letter)
            return;

        await (InviteId.TryParse(call.Path("id"), out InviteId id)
            ? call.AnswerAsync(await call.AskAsync<InviteMailHandler, InviteMail, InviteMailed>(new InviteMail(id, letter.Email)))
            : call.RefuseAsync(MeshError.InviteNotFound));
    }
}
