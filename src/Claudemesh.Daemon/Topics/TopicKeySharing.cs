using Claudemesh.Crypto;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Topics;

/// <summary>
/// Gives the members that the log calls legacy the 1.x key of topics that take what 1.x writes. Where a topic has none, it gets the one that every member
/// derives from the root; who holds it seals it to who does not. Nobody gets it whom the log does not have.
/// </summary>
internal sealed partial class TopicKeySharing(WorkspaceRow row, MemberIdentity identity, BrokerLink link, WorkspaceKeys keys, ILogger<TopicKeySharing> logger)
{
    /// <summary>Does what can be done now. What a connection breaks off is done after the next list of topics.</summary>
    public async Task ShareAsync(TopicRow topic, CancellationToken cancellationToken)
    {
        if (topic is not { Role: not null, ArchivedAt: null } || keys.Find(topic.IsPublic ? RootReference.MeshScope : topic.Scope) is not { } scope)
            return;
        if (!scope.State.TakesPlain(topic.Id) || scope.FindRoot() is not { } root || !keys.Mesh.State.Members.Values.Any(member => member.Kind is MemberKind.Legacy))
            return;

        LocalReply<TopicKeyState> asked = await AskAsync(new TopicKeyOffer(topic.Id), cancellationToken);
        if (asked.Value is not { } state || state.Pending.Length == 0)
            return;

        using SecretBytes? key = state.Pubkey is null ? root.DeriveTopicKeyV2(topic.Id) : OpenOwn(state);
        if (key is null)
            return;

        ClaimTopicKey? claim = state.Pubkey is null && Seal(key, identity.Public) is var (own, nonce) ? new ClaimTopicKey(identity.Public, own, nonce) : null;
        SealTopicKey[] copies =
        [
            .. state.Pending.Where(pending => pending.Pubkey != identity.Public && keys.Mesh.State.Members.ContainsKey(pending.Pubkey))
                .Select(pending => Seal(key, pending.Pubkey) is var (copy, sealedWith) ? new SealTopicKey(pending.MemberId, copy, sealedWith) : null).OfType<SealTopicKey>(),
        ];
        if (claim is null && copies.Length == 0)
            return;

        LocalReply<TopicKeyState> shared = await AskAsync(new TopicKeyOffer(topic.Id, claim, copies), cancellationToken);
        if (shared.Succeeded)
            LogShared(row.Slug, topic.Id, copies.Length);
    }

    private async Task<LocalReply<TopicKeyState>> AskAsync(TopicKeyOffer offer, CancellationToken cancellationToken)
    {
        LocalReply<TopicKeyState> reply = await link.AskAsync<TopicKeyOffer, TopicKeyState>(offer, cancellationToken);
        if (reply.Problem is { } problem)
            LogNotShared(row.Slug, offer.Topic, problem.Error);
        return reply;
    }

    private SecretBytes? OpenOwn(TopicKeyState state) =>
        state is { EncryptedKey: { } copy, Nonce: { } nonce }
            ? identity.Openers.Select(own => LegacyTopicKey.TryOpen(own, copy, nonce, out SecretBytes? key) ? key : null).FirstOrDefault(key => key is not null)
            : null;

    /// <returns>Null for a key that nothing can be sealed to.</returns>
    private (byte[] Copy, byte[] Nonce)? Seal(SecretBytes key, PublicKey recipient)
    {
        byte[] nonce = RandomBytes.Next(SecretBox.NonceSize);
        return LegacyTopicKey.TrySeal(identity.Key.Key, recipient, key.Expose(), nonce, out byte[]? copy) ? (copy!, nonce) : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace}: the 1.x key of topic {Topic} was sealed to {Count} members")]
    private partial void LogShared(string workspace, string topic, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the 1.x key of topic {Topic} could not be shared: {Reason}")]
    private partial void LogNotShared(string workspace, string topic, string reason);
}
