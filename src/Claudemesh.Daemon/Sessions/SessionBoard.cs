using System.Collections.Concurrent;
using Claudemesh.Client;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Sessions;

/// <summary>The sessions announced in one workspace. The connection tells the broker of them, each time it is made and before their attestation ends.</summary>
internal sealed partial class SessionBoard(
    WorkspaceRow row, MemberIdentity identity, BrokerLink link, SelfBook self, InboxStore inbox, ILogger<SessionBoard> logger)
{
    private readonly ConcurrentDictionary<string, OpenSession> announced = new(StringComparer.Ordinal);

    /// <summary>Announced here, whether or not the broker can be reached now.</summary>
    public bool IsKnown(string sessionId) => announced.ContainsKey(sessionId);

    /// <summary>Told of each one that is announced.</summary>
    public Action WhenAnnounced { get; set; } = static () => { };

    /// <summary>The ids of those announced here.</summary>
    public IEnumerable<string> Known => announced.Keys;

    public async Task AnnounceAsync(OpenSession session, CancellationToken cancellationToken)
    {
        announced[session.SessionId] = session;
        WhenAnnounced();
        var sessionToOpen = new MeshSession(
            SessionId.Parse(session.SessionId),
            identity.GetSession(session.SessionId).Key,
            DisplayName.Parse(session.Name),
            session.Cwd,
            session.Pid,
            Environment.MachineName,
            Groups: null,
            session.Tags is null ? null : [.. session.Tags.Select(TagName.Parse)],
            session.Model,
            Resume: _ => ValueTask.FromResult(inbox.ReadResumePoints(row.No, session.SessionId)),
            Introduce: () => self.IntroduceSession(session));
        if (await link.OpenSessionAsync(sessionToOpen, cancellationToken) is not { } refusal)
            return;

        announced.TryRemove(KeyValuePair.Create(session.SessionId, session));
        LogRefused(session.SessionId, refusal.Code);
    }

    public Task WithdrawAsync(string sessionId, CancellationToken cancellationToken) =>
        announced.TryRemove(sessionId, out _) ? link.CloseSessionAsync(SessionId.Parse(sessionId), cancellationToken) : Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {Session} could not be opened: {Reason}")]
    private partial void LogRefused(string session, string reason);
}
