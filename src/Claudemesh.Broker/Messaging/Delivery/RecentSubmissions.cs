using System.Runtime.InteropServices;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>
/// Submissions by (sender, client id): all that are not answered yet, and the last few thousand that were. Beyond that the store
/// knows, and the shell asks it before the core sees the submission.
/// </summary>
internal sealed class RecentSubmissions(int max)
{
    private readonly Dictionary<SubmissionKey, Pending> pending = new(SubmissionKeyComparer.Instance);
    private readonly Dictionary<SubmissionKey, Known> known = new(SubmissionKeyComparer.Instance);
    private readonly Queue<SubmissionKey> oldestFirst = new();

    public int PendingCount => pending.Count;

    public int KnownCount => known.Count;

    public Pending? FindPending(MemberNo sender, byte[] clientId) =>
        pending.GetValueOrDefault(new SubmissionKey(sender, clientId));

    public Known? FindKnown(MemberNo sender, byte[] clientId) =>
        known.GetValueOrDefault(new SubmissionKey(sender, clientId));

    public void Reserve(Pending submission)
    {
        if (submission.Submit.Key is { } key)
            pending.Add(new SubmissionKey(submission.Sender, key.Id), submission);
    }

    public void Release(Pending submission)
    {
        if (submission.Submit.Key is { } key)
            pending.Remove(new SubmissionKey(submission.Sender, key.Id));
    }

    public void Remember(Pending submission, Message message)
    {
        if (submission.Submit.Key is not { } key)
            return;

        SubmissionKey name = new(submission.Sender, key.Id);
        ref Known? slot = ref CollectionsMarshal.GetValueRefOrAddDefault(known, name, out bool exists);
        slot = new Known(message.Id, key.Fingerprint, message.Recipients);
        if (!exists)
            oldestFirst.Enqueue(name);
    }

    /// <summary>Only between steps: what was remembered when the shell looked must still be when the step gets to it.</summary>
    public void ForgetOldest()
    {
        while (oldestFirst.Count > max)
            known.Remove(oldestFirst.Dequeue());
    }

    private readonly record struct SubmissionKey(MemberNo Sender, byte[] ClientId);

    private sealed class SubmissionKeyComparer : IEqualityComparer<SubmissionKey>
    {
        public static SubmissionKeyComparer Instance { get; } = new();

        public bool Equals(SubmissionKey x, SubmissionKey y) =>
            x.Sender == y.Sender && x.ClientId.AsSpan().SequenceEqual(y.ClientId);

        public int GetHashCode(SubmissionKey obj)
        {
            // Client ids are chosen by senders: the hash is seeded per process, and nothing depends on the order it gives.
            HashCode hash = default;
            hash.Add(obj.Sender.Value);
            hash.AddBytes(obj.ClientId);
            return hash.ToHashCode();
        }
    }
}
