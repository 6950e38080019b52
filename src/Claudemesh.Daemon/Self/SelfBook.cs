using System.Collections.Concurrent;
using Claudemesh.Client;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Self;

/// <summary>
/// What this person has said of himself in one workspace. It is the member's and not a connection's: every hello and every opening of a session says
/// it again, so that a reconnect, a restart here or of the broker changes nothing for the others.
/// </summary>
internal sealed class SelfBook(WorkspaceRow row, SelfStore store) : IDisposable
{
    /// <summary>The member himself, among the ids of sessions.</summary>
    public const string Member = "";

    private readonly ConcurrentDictionary<string, SelfFacts> said = new(
        store.List(row.No).Select(kept => KeyValuePair.Create(kept.Session, kept.Facts)), StringComparer.Ordinal);

    private readonly SemaphoreSlim changing = new(1, 1);
    private long changes;
    private long introducedAt;

    /// <summary>Whether something was said after the hello of the present connection was made, so that the broker may not know it.</summary>
    public bool IsAheadOfHello => Interlocked.Read(ref introducedAt) != Interlocked.Read(ref changes);

    public SelfFacts Find(string session) => said.GetValueOrDefault(session, SelfFacts.Nothing);

    public PresenceStatus StatusOf(string session) => Find(session).Status
        ?? (session != Member && StatusOf(Member) is PresenceStatus.Dnd ? PresenceStatus.Dnd : PresenceStatus.Idle);

    /// <summary>Who hides hides his sessions, unless they say otherwise.</summary>
    public bool IsVisible(string session) => Find(session).Visible ?? (session == Member || IsVisible(Member));

    public Introduction IntroduceMember()
    {
        // Before the facts are read: what changes meanwhile counts as not said.
        Interlocked.Exchange(ref introducedAt, Interlocked.Read(ref changes));
        SelfFacts facts = Find(Member);
        return new Introduction(facts.Name ?? DisplayName.Parse(row.DisplayName), facts.Groups?.ToArray(), StandingOf(Member));
    }

    public Introduction IntroduceSession(OpenSession session)
    {
        SelfFacts facts = Find(session.SessionId);
        GroupTag[]? opened = session.Groups is null ? null : [.. session.Groups.Select(group => new GroupTag(group))];
        return new Introduction(facts.Name ?? DisplayName.Parse(session.Name), facts.Groups?.ToArray() ?? opened, StandingOf(session.SessionId));
    }

    /// <summary>Writes down what is said now, before anybody is told.</summary>
    public async Task<SelfFacts> ChangeAsync(string session, Func<SelfFacts, SelfFacts> change, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            SelfFacts changed = change(Find(session));
            await store.SaveAsync(row.No, session, changed, cancellationToken);
            said[session] = changed;
            Interlocked.Increment(ref changes);
            return changed;
        }
        finally
        {
            changing.Release();
        }
    }

    public void Dispose() => changing.Dispose();

    private Standing StandingOf(string session)
    {
        SelfFacts facts = Find(session);

        // The summary is for the members, not for the broker: it goes sealed.
        return new Standing(StatusOf(session), IsVisible(session), Summary: null, facts.Profile);
    }
}
