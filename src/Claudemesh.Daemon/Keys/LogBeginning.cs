using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// Begins the log of a workspace that has none, such as one that is older than the log: the owner's daemon signs what its pins have held to be true so far.
/// Whoever has joined meanwhile and is not pinned here waits to be admitted.
/// </summary>
internal sealed partial class LogBeginning(LiveWorkspace workspace, ILogger logger)
{
    // A broker takes some 160 new members in one transaction.
    private const int AdmitsMax = 120;

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (workspace.Row.Role is not "owner")
            return;

        Roster roster = await workspace.GetRosterAsync(fresh: true, cancellationToken);
        if (!roster.Complete || roster.IsStale)
            return;

        RosterMember[][] slices = [.. roster.Members.Where(member => member.Key != workspace.Identity.Public).Chunk(AdmitsMax)];
        LocalReply<Membership> begun = await AppendAsync(change => Begin(change, slices.FirstOrDefault() ?? []), cancellationToken);
        foreach (RosterMember[] slice in slices.Skip(1))
        {
            if (!begun.Succeeded)
                break;
            begun = await AppendAsync(change => Admit(change, slice), cancellationToken);
        }

        if (begun.Succeeded)
            LogBegun(workspace.Row.Slug, begun.Value.Members.Count);
        else
            LogNotBegun(workspace.Row.Slug, begun.Problem.Error);
    }

    private Task<LocalReply<Membership>> AppendAsync(Func<LogChange, LogRefusal> write, CancellationToken cancellationToken) => workspace.Keys.Writer.AppendAsync(
        workspace.Keys.Mesh,
        change => write(change) is var refusal and not LogRefusal.None ? KeyProblems.Refused(workspace.Row.Slug, refusal) : null,
        cancellationToken);

    private LogRefusal Begin(LogChange change, RosterMember[] members)
    {
        // Another machine of the owner was quicker.
        if (change.Draft.State.Head.Seq > 0)
            return LogRefusal.None;

        bool isMixed = members.Any(member => member.Kind is MemberKinds.Legacy);
        LogRefusal refusal = change.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), !isMixed, workspace.Row.MemberId));
        if (refusal is LogRefusal.None)
            refusal = Admit(change, members);
        return refusal is LogRefusal.None ? change.Rotate("log begun") : refusal;
    }

    private static LogRefusal Admit(LogChange change, RosterMember[] members)
    {
        foreach (RosterMember member in members.Where(member => !change.Draft.State.Keys.ContainsKey(member.Key)))
        {
            LogRole role = member.Role is "admin" ? LogRole.Admin : LogRole.Member;
            LogRefusal refusal = change.Admit(member.MemberId, member.Key, role, Enum.Parse<MemberKind>(member.Kind, ignoreCase: true));

            // A key that nobody can sign with is left out, as it would be later.
            if (refusal is not (LogRefusal.None or LogRefusal.BadKey or LogRefusal.IdTaken))
                return refusal;
        }

        return LogRefusal.None;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace}: its log is begun, with {Count} members")]
    private partial void LogBegun(string workspace, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: its log could not be begun: {Reason}")]
    private partial void LogNotBegun(string workspace, string reason);
}
