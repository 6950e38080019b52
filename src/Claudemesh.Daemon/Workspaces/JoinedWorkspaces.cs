using System.Collections.Immutable;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>All workspaces of this person, each with its connection. A joined one is here and connected at once.</summary>
internal sealed class JoinedWorkspaces(InboxStore inbox)
{
    private ImmutableArray<LiveWorkspace> all = [];
    private ImmutableArray<WorkspaceRow> locked = [];

    public ImmutableArray<LiveWorkspace> All => all;

    /// <summary>Workspaces whose key comes from an account that this machine is logged out of: they are in the database and nobody can speak in them.</summary>
    public ImmutableArray<WorkspaceRow> Locked => locked;

    public LiveWorkspace? FindByNo(long no) => all.FirstOrDefault(workspace => workspace.Row.No == no);

    public LiveWorkspace? Find(string slug) => all.FirstOrDefault(workspace => string.Equals(workspace.Row.Slug, slug, StringComparison.Ordinal));

    /// <summary>Adds one; false when it is there already.</summary>
    public bool Add(LiveWorkspace added)
    {
        Unlock(added.Row);
        return ImmutableInterlocked.Update(ref all, there => there.Any(one => one.Row.No == added.Row.No) ? there : there.Add(added));
    }

    public void Lock(WorkspaceRow row) =>
        ImmutableInterlocked.Update(ref locked, there => there.Any(one => one.No == row.No) ? there : there.Add(row));

    public void Unlock(WorkspaceRow row) => ImmutableInterlocked.Update(ref locked, there => there.RemoveAll(one => one.No == row.No));

    /// <summary>The answer to every verb that needs a locked workspace.</summary>
    public static LocalProblem LockedProblem(WorkspaceRow row) => LocalProblem.Of(
        LocalErrors.AccountLocked,
        $"The key of {row.Slug} comes from your account on {row.Broker}, which this machine is not logged in to: claudemesh login {row.Broker} opens it again.",
        401,
        ExitCode.Auth);

    public void Remove(LiveWorkspace gone) => ImmutableInterlocked.Update(ref all, there => there.Remove(gone));

    /// <summary>The one with that slug, or all when <paramref name="slug"/> is null; possibly none.</summary>
    public IEnumerable<LiveWorkspace> In(string? slug) => slug is null ? all : all.Where(workspace => string.Equals(workspace.Row.Slug, slug, StringComparison.Ordinal));

    /// <summary>The one with that slug, or all when <paramref name="slug"/> is null; a problem when there is none.</summary>
    public LocalReply<LiveWorkspace[]> Require(string? slug)
    {
        LiveWorkspace[] found = [.. In(slug)];
        if (found.Length > 0 || slug is null)
            return found;
        if (locked.FirstOrDefault(row => string.Equals(row.Slug, slug, StringComparison.Ordinal)) is { } shut)
            return LockedProblem(shut);

        string? meant = NearestMatch.Find(slug, all.Select(workspace => workspace.Row.Slug));
        return LocalProblem.Of(
            LocalErrors.WorkspaceNotFound,
            $"There is no workspace {slug} here; `claudemesh list` shows those there are.{NearestMatch.DidYouMean(meant)}",
            404,
            ExitCode.NotFound);
    }

    /// <summary>What <see cref="Require"/> finds, each looked at with a fresh roster.</summary>
    public async Task<LocalReply<List<T>>> ListAsync<T>(
        string? slug, Func<LiveWorkspace, Roster, IEnumerable<T>> look, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = Require(slug);
        if (!within.Succeeded)
            return within.Problem;

        var found = new List<T>();
        foreach (LiveWorkspace workspace in within.Value)
            found.AddRange(look(workspace, await workspace.GetRosterAsync(fresh: true, cancellationToken)));
        return found;
    }

    /// <summary>The one with that slug; null names the only one. Writes never choose one of several.</summary>
    public LocalReply<LiveWorkspace> RequireOne(string? slug)
    {
        LocalReply<LiveWorkspace[]> found = Require(slug);
        if (!found.Succeeded)
            return found.Problem;

        return found.Value.Length switch
        {
            1 => found.Value[0],
            0 => locked is [var shut, ..] ? LockedProblem(shut) : NoWorkspace(),
            _ => LocalProblem.Of(
                LocalErrors.WorkspaceRequired,
                $"Say which workspace: {string.Join(", ", found.Value.Select(workspace => workspace.Row.Slug))}.",
                400,
                ExitCode.BadArguments),
        };
    }

    /// <summary>As <see cref="RequireOne"/>, and the broker does not want this daemon away from it.</summary>
    public LocalReply<LiveWorkspace> RequirePresent(string? slug)
    {
        LocalReply<LiveWorkspace> one = RequireOne(slug);
        return one.Value?.Absence is { } absence ? absence.ToProblem(one.Value.Row.Slug) : one;
    }

    /// <summary>Those that can be asked, of the one with that slug or of all; a problem when the broker wants this daemon away from each.</summary>
    public LocalReply<LiveWorkspace[]> RequireSomePresent(string? slug)
    {
        LocalReply<LiveWorkspace[]> found = Require(slug);
        if (found.Value is not { } within)
            return found;

        LiveWorkspace[] present = [.. within.Where(one => one.Absence is null)];
        return present.Length == 0 && within.Length > 0 ? within[0].Absence!.ToProblem(within[0].Row.Slug) : present;
    }

    /// <summary>Who is meant, and where: in the workspace named, else in the only one where anybody answers to it.</summary>
    /// <param name="toSelf">Whether the recipient may be this person himself; see <see cref="SendMessage.ToSelf"/>.</param>
    public async Task<LocalReply<Destination>> AddressAsync(string to, string? slug, bool toSelf, CancellationToken cancellationToken)
    {
        bool isEverywhere = to[0] is '*' or '@' || to.StartsWith("tag:", StringComparison.Ordinal) || (toSelf && to is SendMessage.Yourself);
        if (slug is not null || all.Length < 2 || isEverywhere)
        {
            LocalReply<LiveWorkspace> one = RequirePresent(slug);
            return one.Succeeded ? Destine(one.Value, await ResolveAsync(one.Value, to, toSelf, cancellationToken)) : one.Problem;
        }

        var found = new List<(LiveWorkspace Workspace, Addressed Addressed)>();
        foreach (LiveWorkspace workspace in all.Where(one => one.Absence is null))
        {
            Addressed addressed = await ResolveAsync(workspace, to, toSelf, cancellationToken);
            if (!IsUnknown(addressed, to))
                found.Add((workspace, addressed));
        }

        return found.Count switch
        {
            0 => await UnknownAsync(to, cancellationToken),
            1 => Destine(found[0].Workspace, found[0].Addressed),
            _ => LocalProblem.Of(LocalErrors.AmbiguousName, $"{to} is in several workspaces; say which.", 409, ExitCode.BadArguments) with
            {
                Candidates = [.. found.SelectMany(one => Candidates(one.Workspace, one.Addressed))],
            },
        };
    }

    private async Task<LocalProblem> UnknownAsync(string to, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var away = new List<(string Slug, Roster Roster)>();
        foreach (LiveWorkspace workspace in all)
        {
            Roster roster = await workspace.GetRosterAsync(fresh: false, cancellationToken);
            if (roster.IsStale)
                away.Add((workspace.Row.Slug, roster));
            names.AddRange(roster.Members.Select(member => member.Name).Concat(roster.Peers.Select(peer => peer.Name)));
        }

        if (away.Count > 0)
        {
            return away[0].Roster.Unanswered(
                $"Nobody known here is called or has a key that begins with {to}, and who else is in {string.Join(", ", away.Select(one => one.Slug))} cannot be asked now.");
        }

        string meant = NearestMatch.DidYouMean(NearestMatch.Find(to, names));
        return LocalProblem.Of(
            LocalErrors.RecipientNotFound, $"Nobody in your workspaces is called or has a key that begins with {to}.{meant}", 404, ExitCode.NotFound);
    }

    private static LocalProblem NoWorkspace() => LocalProblem.Of(
        LocalErrors.NoWorkspace, "You are in no workspace yet; `claudemesh new NAME` makes one, `claudemesh join LINK` joins one.", 404, ExitCode.NotFound);

    /// <summary>
    /// Asks the broker again when nobody is known by that name: he may have joined a moment ago. Who is in a group is always asked: whoever has left it must
    /// not read what is sent to it. An answer to a session that has ended since it wrote is for its member.
    /// </summary>
    private async Task<Addressed> ResolveAsync(LiveWorkspace workspace, string to, bool toSelf, CancellationToken cancellationToken)
    {
        bool isShared = to[0] is '@' || to.StartsWith("tag:", StringComparison.Ordinal);
        Addressed addressed = await ResolveAsync(fresh: isShared, to);
        if (!isShared && IsUnknown(addressed, to))
            addressed = await ResolveAsync(fresh: true, to);
        return IsUnknown(addressed, to) && PublicKey.TryParse(to, out PublicKey key) && inbox.FindMemberOfSession(workspace.Row.No, key.ToString()) is { } member
            ? await ResolveAsync(fresh: false, member)
            : addressed;

        async Task<Addressed> ResolveAsync(bool fresh, string whom) =>
            new AddressBook(
                workspace.Row.Slug, workspace.Identity.Public, await workspace.GetRosterAsync(fresh, cancellationToken), key => workspace.Keys.Mesh.State.Follow(key))
                .Resolve(whom, toSelf);
    }

    /// <summary>Nobody, or a whole key that nobody here is known by.</summary>
    private static bool IsUnknown(Addressed addressed, string to) =>
        addressed.Problem is { Error: LocalErrors.RecipientNotFound or LocalErrors.NoRecipients or LocalErrors.BrokerUnreachable or LocalErrors.BrokerRefused or LocalErrors.WrongClock }
        || (addressed.Recipients is [{ Box: true, Online: false, Session: null } only] && PublicKey.TryParse(to, out PublicKey key) && key == only.Key);

    private static LocalReply<Destination> Destine(LiveWorkspace workspace, Addressed addressed) =>
        addressed.Problem is { } problem ? problem : new Destination(workspace, addressed.Recipients);

    private static IEnumerable<Candidate> Candidates(LiveWorkspace workspace, Addressed addressed) => addressed.Problem?.Candidates
        ?? addressed.Recipients.Select(recipient => new Candidate(
            workspace.Row.Slug, recipient.Name, (recipient.Session ?? recipient.Key).ToString(), recipient.Session is null ? "member" : "session"));
}
