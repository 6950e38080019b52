using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Moderation;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>The workspace and its members over REST.</summary>
internal static class WorkspaceRoutes
{
    private static readonly RestParameter Confirm = new("confirm", "The workspace's short name, as its owner has typed it.");

    public static RestRoutes MapWorkspaces(this RestRoutes routes) => MapLife(routes)
        .Add(new("GET", "/workspace", Operation.ListPeers, KeyReach.Workspace,
            "Gives an overview of the workspace.", OverlookAsync) { Reply = typeof(MeshInfoResult) })
        .Add(new("POST", "/workspaces", Operation: null, KeyReach.Workspace, "Makes a workspace; who holds the owner's key signs for it.", CreateAsync)
        {
            Body = typeof(CreateWorkspace),
            Reply = typeof(WorkspaceCreated),
            Status = 201,
            Refusals =
            [
                MeshError.CreationClosed, MeshError.SignInRequired, MeshError.TimestampSkew, MeshError.BadSignature,
                MeshError.MeshIdTaken, MeshError.SlugUnavailable, MeshError.LogRefused,
            ],
        })
        .Add(new("GET", "/members", Operation.ListMembers, KeyReach.Filtered,
            "Lists everybody who belongs to the workspace, in the order of joining.", ListAsync)
        {
            Reply = typeof(MemberListing),
            IsTagged = true,
        })
        .Add(new("GET", "/members/{member}", Operation.ListMembers, KeyReach.Filtered, "Shows one member, by id or key.", ShowAsync)
        {
            Reply = typeof(ListedMember),
            Refusals = [MeshError.NotFound],
        });

    private static RestRoutes MapLife(RestRoutes routes) => routes
        .Add(new("PATCH", "/workspace", Operation.RenameWorkspace, KeyReach.Workspace, "Gives the workspace another short name or title.", RenameAsync)
        {
            Body = typeof(RenameWorkspace),
            Reply = typeof(WorkspaceRenamed),
            Refusals = [MeshError.SlugUnavailable, MeshError.WorkspaceArchived],
        })
        .Add(new("POST", "/workspace/archive", Operation.EndWorkspace, KeyReach.Workspace,
            "Makes the workspace read-only; nobody is let in either.", call => ArchiveAsync(call, archived: true)) { Reply = typeof(WorkspaceArchived) })
        .Add(new("POST", "/workspace/unarchive", Operation.EndWorkspace, KeyReach.Workspace,
            "Brings an archived workspace back as it was.", call => ArchiveAsync(call, archived: false)) { Reply = typeof(WorkspaceArchived) })
        .Add(new("POST", "/workspace/leave", Operation.LeaveWorkspace, KeyReach.Workspace,
            "Ends your membership; with an owner, who must be the last, the workspace.", LeaveAsync)
        {
            Reply = typeof(WorkspaceLeft),
            Refusals = [MeshError.OwnerMustStay],
        })
        .Add(new("DELETE", "/workspace", Operation.EndWorkspace, KeyReach.Workspace,
            "Ends the workspace for everybody at once and deletes all of it.", DeleteAsync)
        {
            Query = [Confirm],
            Reply = typeof(WorkspaceDeleted),
            Refusals = [MeshError.NotConfirmed],
        });

    private static async Task RenameAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<RenameWorkspace>() is { } request)
            await call.AnswerAsync(await call.AskAsync<RenameWorkspaceHandler, RenameWorkspace, WorkspaceRenamed>(request));
    }

    private static async Task ArchiveAsync(RestCall call, bool archived) =>
        await call.AnswerAsync(await call.AskAsync<ArchiveWorkspaceHandler, ArchiveWorkspace, WorkspaceArchived>(new ArchiveWorkspace(archived)));

    private static async Task LeaveAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<LeaveWorkspaceHandler, LeaveWorkspace, WorkspaceLeft>(new LeaveWorkspace()));

    private static async Task DeleteAsync(RestCall call)
    {
        string? typed = call.Text(Confirm.Name, Slug.CharsMax);
        await (call.Fault is { } fault ? call.RefuseAsync(fault)
            : !Slug.TryParse(typed, out Slug slug) ? call.RefuseAsync(MeshError.NotConfirmed)
            : call.AnswerAsync(await call.AskAsync<DeleteWorkspaceHandler, DeleteWorkspace, WorkspaceDeleted>(new DeleteWorkspace(slug))));
    }

    private static async Task OverlookAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<MeshInfoHandler, MeshInfo, MeshInfoResult>(new MeshInfo()));

    private static async Task CreateAsync(RestCall call)
    {
        (SignedIn? account, MeshError? refusal) = await OptionalAccount.FindAsync(call);
        await (refusal is null ? call.Get<CreateWorkspaceEndpoint>().HandleAsync(call.Http, account) : call.RefuseAsync(refusal));
    }

    private static async Task ListAsync(RestCall call)
    {
        MembersList list = await MembersAsync(call);
        ILookup<MemberId, Peer> peers = await PeersAsync(call);
        await call.AnswerTaggedAsync(new MemberListing([.. list.Members.Select(member => List(member, peers[member.MemberId]))], list.Waiting));
    }

    private static async Task ShowAsync(RestCall call)
    {
        string name = call.Path("member");
        Member? found = (await MembersAsync(call)).Members.FirstOrDefault(member =>
            string.Equals(member.MemberId.Value, name, StringComparison.Ordinal) || string.Equals(member.Pubkey.ToString(), name, StringComparison.Ordinal));
        await (found is null
            ? call.RefuseAsync(MeshError.NotFound.With("The member is not_found here, so the request is invalid. Take an id or a key from GET /members."))
            : call.AnswerAsync(List(found, (await PeersAsync(call))[found.MemberId])));
    }

    private static async ValueTask<MembersList> MembersAsync(RestCall call) =>
        (await call.AskAsync<ListMembersHandler, ListMembers, MembersList>(new ListMembers())).Value!;

    private static async ValueTask<ILookup<MemberId, Peer>> PeersAsync(RestCall call) =>
        (await call.AskAsync<ListPeersHandler, ListPeers, PeersList>(new ListPeers())).Value!.Peers.ToLookup(peer => peer.MemberId!.Value);

    /// <summary>A member is as busy as the busiest of his peers that are shown.</summary>
    private static ListedMember List(Member member, IEnumerable<Peer> peers)
    {
        Peer[] all = [.. peers];
        return new ListedMember(
            member.MemberId,
            member.Pubkey,
            member.DisplayName,
            member.Role,
            member.Kind is not MemberKind.Bot,
            member.JoinedAt,
            member.Online || all.Any(peer => peer.Via is PeerDoor.Rest),
            all.Length == 0 ? MemberStatus.Offline : (MemberStatus)((int)all.Max(peer => peer.Status) + 1),
            all.Select(peer => peer.Summary).FirstOrDefault(summary => summary is not null),
            member.Kind,
            member.Groups,
            member.Tags);
    }
}
