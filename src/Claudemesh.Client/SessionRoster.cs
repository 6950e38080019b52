using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>The sessions that are to be open, and how each is opened: attested anew every time.</summary>
internal sealed class SessionRoster(MeshConnectionOptions options, MemberSecretKey member, TimeProvider clock)
{
    private readonly ConcurrentDictionary<SessionId, MeshSession> sessions = new();

    internal void Add(MeshSession session) => sessions[session.SessionId] = session;

    internal bool Remove(SessionId sessionId) => sessions.TryRemove(sessionId, out _);

    /// <summary>Opens one session. A refusal takes it off the roster, if it is still the one that was asked for.</summary>
    internal async Task<Answer<SessionOpened>> OpenAsync(Link link, MeshSession session, CancellationToken cancellationToken)
    {
        SessionOpen request = await MakeOpenAsync(session, cancellationToken);
        Answer<SessionOpened> answer =
            await link.RequestAsync<SessionOpen, SessionOpened>(request, options.RequestTimeout, cancellationToken);
        if (answer.Outcome is AnswerOutcome.Refused)
            sessions.TryRemove(new KeyValuePair<SessionId, MeshSession>(session.SessionId, session));

        // Closed while it was being opened: the close may have overtaken the opening.
        if (answer.Outcome is AnswerOutcome.Replied && !sessions.ContainsKey(session.SessionId))
            await link.RequestAsync<SessionClose, SessionClosed>(new SessionClose(session.SessionId), options.RequestTimeout, cancellationToken);
        return answer;
    }

    /// <summary>Opens all of them at once, and gives those that were refused.</summary>
    internal async Task<IReadOnlyList<BrokerEvent.SessionLost>> OpenAllAsync(Link link, CancellationToken cancellationToken)
    {
        MeshSession[] all = [.. sessions.Values];
        Answer<SessionOpened>[] answers = await Task.WhenAll(all.Select(session => OpenAsync(link, session, cancellationToken)));
        return [.. all.Zip(answers)
            .Where(pair => pair.Second.Refusal is not null)
            .Select(pair => new BrokerEvent.SessionLost(pair.First.SessionId, pair.Second.Refusal!))];
    }

    private async Task<SessionOpen> MakeOpenAsync(MeshSession session, CancellationToken cancellationToken)
    {
        ResumePoint[]? resume = session.Resume is { } ask ? await ask(cancellationToken) : null;
        Introduction? introduction = session.Introduce?.Invoke();
        long expiresAt = (clock.GetUtcNow() + MeshSession.AttestedFor).ToUnixTimeMilliseconds();
        SessionAttestation attested = member.Attest(session.Key, options.MeshId.Value, session.SessionId.Value, expiresAt);
        return new SessionOpen(
            session.SessionId,
            session.Key.Public,
            introduction?.DisplayName ?? session.DisplayName,
            expiresAt,
            attested.Attestation,
            attested.Proof,
            session.Cwd,
            session.Pid,
            session.Hostname,
            introduction?.Groups ?? session.Groups,
            session.Tags,
            session.Model,
            session.Channel,
            resume is { Length: 0 } ? null : resume,
            introduction?.Standing);
    }
}
