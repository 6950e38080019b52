using Claudemesh.Daemon.Self;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Sessions;

/// <summary>As whom a request acts in a workspace.</summary>
/// <param name="Session">The id of an open session, or the empty string: the member.</param>
/// <param name="Name">The session's name; null: the member's.</param>
internal sealed record Acting(string Session, string? Name)
{
    private static readonly Acting AsMember = new(SelfBook.Member, null);

    /// <summary>Which of this person's addresses is meant: the session named, else the one that the caller runs in, else the member.</summary>
    /// <param name="open">The sessions that are open in the workspace.</param>
    /// <param name="caller">The process that asks, where it is known.</param>
    public static LocalReply<Acting> Find(string workspace, OpenSession[] open, WhoAmI who, int? caller)
    {
        if (who.Session is { } named)
            return FindNamed(workspace, open, named);
        if (who.Member)
            return AsMember;

        OpenSession? acting = Array.Find(open, session => string.Equals(session.SessionId, who.Caller, StringComparison.Ordinal));
        if (acting is null && caller is { } process)
        {
            // One process may run several sessions; then its children are nobody's in particular.
            OpenSession[]? running = SessionProcess.Lineage(process).Select(pid => Array.FindAll(open, session => session.Pid == pid)).FirstOrDefault(found => found.Length > 0);
            acting = running is [var only] ? only : null;
        }

        return acting is null ? AsMember : new Acting(acting.SessionId, acting.Name);
    }

    /// <summary>Names are distinct among the sessions of one person; an id that is also a name means the session with that id.</summary>
    private static LocalReply<Acting> FindNamed(string workspace, OpenSession[] open, string named)
    {
        OpenSession? found = Array.Find(open, session => string.Equals(session.SessionId, named, StringComparison.Ordinal))
            ?? Array.Find(open, session => string.Equals(session.Name, named, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
            return new Acting(found.SessionId, found.Name);

        string? meant = NearestMatch.Find(named, open.SelectMany(session => new[] { session.Name, session.SessionId }));
        return LocalProblem.Of(
            LocalErrors.SessionNotFound, $"No session {named} is open in {workspace}.{NearestMatch.DidYouMean(meant)}", 404, ExitCode.NotFound);
    }
}
