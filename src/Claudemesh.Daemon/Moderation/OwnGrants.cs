using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Moderation;

/// <summary>What this person lets others do to him. The broker keeps it and holds to it, so that it is the same on every machine.</summary>
internal sealed class OwnGrants(JoinedWorkspaces workspaces)
{
    private static readonly GrantedCapability[] All = Enum.GetValues<GrantedCapability>();

    public async Task<LocalReply<PeerGrant>> ChangeAsync(ChangeGrant request, CancellationToken cancellationToken)
    {
        if (!TryRead(request.Give, out GrantedCapability[] give) || !TryRead(request.Take, out GrantedCapability[] take))
            return Invalid($"Capabilities are {string.Join(", ", Capabilities.Names)}, or all.");
        if (give.Length == 0 && take.Length == 0 && !request.Reset)
            return Invalid("Say what to give or take, or to reset.");
        if (request.Peer.Length is 0 or > WireLimits.ModerationTargetCharsMax)
            return Invalid($"peer has 1 to {WireLimits.ModerationTargetCharsMax} characters.");

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<GrantsChanged> changed = await workspace.AskAsync<ChangeGrants, GrantsChanged>(
            new ChangeGrants(request.Peer, give.Length == 0 ? null : give, take.Length == 0 ? null : take, request.Reset ? true : null), cancellationToken);
        return changed.Succeeded ? Describe(workspace, changed.Value.Grant) : changed.Problem;
    }

    public async Task<LocalReply<GrantList>> ListAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> found = workspaces.RequireSomePresent(slug);
        if (found.Value is not { } within)
            return found.Problem!;

        var all = new List<PeerGrant>();
        foreach (LiveWorkspace workspace in within)
        {
            LocalReply<GrantsList> list = await workspace.AskAsync<ListGrants, GrantsList>(new ListGrants(), cancellationToken);
            if (!list.Succeeded)
                return list.Problem;

            all.AddRange(list.Value.Grants.Select(grant => Describe(workspace, grant)));
        }

        return new GrantList(all);
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    /// <summary>The words of <see cref="Capabilities.Names"/> are in the order of the wire's.</summary>
    private static bool TryRead(IReadOnlyList<string>? words, out GrantedCapability[] capabilities)
    {
        bool[] wanted = new bool[All.Length];
        bool known = true;
        foreach (string word in words ?? [])
        {
            int at = Capabilities.Names.ToList().IndexOf(word);
            if (word is Capabilities.All)
                Array.Fill(wanted, true);
            else if (at >= 0)
                wanted[at] = true;
            else
                known = false;
        }

        capabilities = [.. All.Where(capability => wanted[(int)capability])];
        return known;
    }

    private static PeerGrant Describe(LiveWorkspace workspace, MemberGrant grant) => new(
        workspace.Row.Slug,
        grant.DisplayName,
        grant.Pubkey.ToString(),
        [.. grant.Capabilities.Select(capability => Capabilities.Names[(int)capability])],
        grant.IsDefault);
}
