using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Messaging;

/// <summary>Told the fate of each step, in the order the steps were handed over. Called on a thread-pool thread, never on the writer's.</summary>
internal interface ICommitListener
{
    void OnCommitted(StepNo step);

    void OnFailed(StepNo step, Failure why);
}

/// <summary>What a workspace's loop gets when its workspace is opened.</summary>
/// <param name="Epoch">The fencing token of this activation.</param>
/// <param name="Incarnation">16 random bytes, new after a restore: message ids and resume positions of another incarnation are not ours.</param>
/// <param name="NextPosition">The first position to give out.</param>
/// <param name="Everyone">The workspace's mailbox for broadcasts.</param>
/// <param name="Ids">The public names of the workspace's messages, of this incarnation and those before it.</param>
internal sealed record Activation(
    MeshNo Mesh, long Epoch, ReadOnlyMemory<byte> Incarnation, long NextPosition, MailboxNo Everyone, MessageIds Ids);

/// <summary>
/// The durable side of delivery: messages, entries, cursors, receipts. One implementation per database, because this is
/// where the speed is. Steps of all workspaces are committed together (group commit).
/// </summary>
internal interface IDeliveryLog
{
    ValueTask<Activation> OpenAsync(MeshNo mesh, CancellationToken cancellationToken);

    /// <summary>Hands a step over; returns at once. A step without <see cref="Step.NeedsCommit"/> is not reported back.</summary>
    void Post(Activation activation, Step step, ICommitListener listener);

    /// <summary>
    /// Reads the entries of a source after a position and up to <paramref name="asOf"/>, oldest first, and changes nothing:
    /// only an acknowledgement moves a cursor.
    /// </summary>
    /// <returns>At most <paramref name="limit"/> entries; fewer mean that the reader has caught up with <paramref name="asOf"/>.</returns>
    ValueTask<ImmutableArray<Stored>> ReadAfterAsync(
        Source source, Lane lane, long position, long asOf, int limit, CancellationToken cancellationToken);

    ValueTask<LaneFacts> ReadFactsAsync(MailboxNo mailbox, CancellationToken cancellationToken);

    /// <summary>Looks up many client keys in one query; the result has one element per question, null where nothing is known.</summary>
    ValueTask<Known?[]> FindSubmissionsAsync(
        IReadOnlyList<(MemberNo Sender, byte[] ClientId)> keys, CancellationToken cancellationToken);

    ValueTask<ImmutableArray<CursorAt>> ReadCursorsAsync(ReaderNo reader, CancellationToken cancellationToken);

    /// <summary>What was set aside for a reader and not cleared since, oldest first.</summary>
    ValueTask<ImmutableArray<Stored>> ReadSetAsideAsync(ReaderNo reader, int limit, CancellationToken cancellationToken);

    ValueTask<Message?> FindMessageAsync(MessageRef message, CancellationToken cancellationToken);

    /// <summary>What became of a message, per recipient mailbox, with the first time a cursor passed it.</summary>
    ValueTask<ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)>> ReadOutcomesAsync(
        MessageRef message, CancellationToken cancellationToken);

    /// <summary>Recipients whose copy of a message was moved to another mailbox, and which: nearly always none.</summary>
    ValueTask<ImmutableArray<(MailboxNo Recipient, MailboxNo Heir)>> ReadHeirsAsync(
        MessageRef message, CancellationToken cancellationToken);
}
