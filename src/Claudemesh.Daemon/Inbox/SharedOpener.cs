using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Inbox;

/// <summary>How opening something under a root ended.</summary>
/// <param name="Waits">What it needs, a root or the log, is not here yet: it is to be kept and opened later.</param>
internal readonly record struct SharedOpening(OpenedMessage? Opened, MessageRefusal Refusal, bool Waits);

/// <summary>
/// Opens what was written to several at once: to a group, a tag, everybody, or a topic. The log decides who may have written it; what the log as it is known
/// here cannot decide yet is neither shown nor thrown away.
/// </summary>
internal sealed class SharedOpener(WorkspaceKeys keys, PinBook pins)
{
    // The newest epoch of each scope whose root was asked for.
    private readonly ConcurrentDictionary<string, long> asked = new(StringComparer.Ordinal);

    /// <param name="senderName">As the broker says, for a member whom nobody has named here yet.</param>
    public async Task<SharedOpening> OpenAsync(string senderName, MessageFrame frame, SealedMessage message, CancellationToken cancellationToken)
    {
        if (!MessageHeader.TryParse(message.Header, out MessageHeader? header) || header!.Root is not { } root)
            return new SharedOpening(null, MessageRefusal.BadHeader, Waits: false);
        if (keys.Find(root.Scope) is not { } scope)
            return new SharedOpening(null, MessageRefusal.WrongRoot, Waits: false);

        SharedOpening opening = Open(scope, frame, message);
        if (IsForWantOfLog(opening.Refusal))
        {
            // That the head has moved may not have been heard: events are dropped for who reads slowly.
            scope.MarkMoved();
            if (await keys.ReadOnAsync(scope, cancellationToken) is null)
                opening = Open(scope, frame, message);
        }

        if (opening.Refusal is MessageRefusal.NoRoot && AsksFor(root) && await keys.FetchAsync(scope, cancellationToken) is null)
            opening = Open(scope, frame, message);

        if (opening.Opened is { } opened && keys.Mesh.State.Members.GetValueOrDefault(opened.Header.SenderMember) is { } sender)
            await pins.PinLoggedAsync(opened.Header.SenderMember, sender, senderName, cancellationToken);

        // The log was read to the broker's head and is not forked: then it has decided.
        bool isDecided = scope.IsCurrent && scope.Fork is null && scope.State.Epoch > 0;
        return opening with { Waits = opening.Refusal is MessageRefusal.NoRoot || (IsForWantOfLog(opening.Refusal) && !isDecided) };
    }

    private static SharedOpening Open(ScopeKeys scope, MessageFrame frame, SealedMessage message) => scope.Open((state, roots) =>
    {
        MessageRefusal refusal = MessageSeal.OpenShared(state, roots, frame, message, out OpenedMessage? opened);
        return new SharedOpening(opened, refusal, Waits: false);
    });

    /// <summary>Once for each epoch: after that <see cref="KeyTraffic"/> asks, at a pace.</summary>
    private bool AsksFor(RootReference root)
    {
        bool isNewer = asked.GetValueOrDefault(root.Scope) < root.Epoch;
        if (isNewer)
            asked[root.Scope] = root.Epoch;
        return isNewer;
    }

    private static bool IsForWantOfLog(MessageRefusal refusal) => refusal is MessageRefusal.WrongRoot or MessageRefusal.NotAMember;
}
