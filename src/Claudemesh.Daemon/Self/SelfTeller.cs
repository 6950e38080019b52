using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Objects;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Self;

/// <summary>
/// Tells the broker of a change at once where there is a connection. Where there is none the next hello says it. The summary goes sealed, see
/// <see cref="SummaryKeeper"/>.
/// </summary>
internal sealed class SelfTeller(SelfBook book, BrokerLink link, SessionBoard sessions, SummaryKeeper summaries)
{
    /// <param name="session">Whose facts changed: a session's id, or the member.</param>
    /// <returns>Whether the broker has taken it.</returns>
    public async Task<bool> TellAsync(string session, SelfFacts before, SelfFacts now, CancellationToken cancellationToken)
    {
        if (!link.IsOpen)
            return false;

        try
        {
            SessionId? about = IdOf(session);
            bool summed = await summaries.TellAsync(session, cancellationToken);
            if (now.Status != before.Status)
                await TellStatusAsync(session, cancellationToken);
            if (now.Visible != before.Visible)
                await TellVisibleAsync(session, cancellationToken);
            await TellGroupsAsync(about, before.Groups ?? [], now.Groups ?? [], cancellationToken);

            // Its answer says that what was told before it has arrived, too.
            return (await link.AskAsync<SetProfile, Ack>(ProfileOf(about, before, now), cancellationToken)).Succeeded && summed;
        }
        catch (IOException)
        {
            // The connection ended in the middle; the next one begins with all of it.
            return false;
        }
    }

    private static SetProfile ProfileOf(SessionId? about, SelfFacts before, SelfFacts now) => new(
        Changed(before.Profile?.Avatar, now.Profile?.Avatar),
        Changed(before.Profile?.Title, now.Profile?.Title),
        Changed(before.Profile?.Bio, now.Profile?.Bio),
        ReferenceEquals(before.Profile?.Capabilities, now.Profile?.Capabilities) ? null : now.Profile?.Capabilities ?? [],
        about,
        now.Name == before.Name ? null : now.Name);

    /// <summary>Null: as it was. Empty: none any more.</summary>
    private static string? Changed(string? before, string? now) => string.Equals(before, now, StringComparison.Ordinal) ? null : now ?? "";

    private static SessionId? IdOf(string session) => session == SelfBook.Member ? null : SessionId.Parse(session);

    private async Task TellStatusAsync(string session, CancellationToken cancellationToken)
    {
        foreach (string each in WithHeirs(session, facts => facts.Status is null))
            await link.NotifyAsync(new SetStatus(book.StatusOf(each), IdOf(each)), cancellationToken);
    }

    private async Task TellVisibleAsync(string session, CancellationToken cancellationToken)
    {
        foreach (string each in WithHeirs(session, facts => facts.Visible is null))
            await link.AskAsync<SetVisible, Ack>(new SetVisible(book.IsVisible(each), IdOf(each)), cancellationToken);
    }

    /// <summary>What the member says holds for the sessions that say nothing of their own.</summary>
    private IEnumerable<string> WithHeirs(string session, Func<SelfFacts, bool> inherits) =>
        session == SelfBook.Member ? [session, .. sessions.Known.Where(each => inherits(book.Find(each)))] : [session];

    private async Task TellGroupsAsync(SessionId? about, IReadOnlyList<GroupTag> before, IReadOnlyList<GroupTag> now, CancellationToken cancellationToken)
    {
        foreach (GroupTag left in before.Where(group => !now.Any(kept => string.Equals(kept.Name, group.Name, StringComparison.Ordinal))))
            await link.NotifyAsync(new LeaveGroup(GroupName.Parse(left.Name), about), cancellationToken);
        foreach (GroupTag joined in now.Where(group => !before.Contains(group)))
            await link.NotifyAsync(new JoinGroup(GroupName.Parse(joined.Name), joined.Role, about), cancellationToken);
    }
}
