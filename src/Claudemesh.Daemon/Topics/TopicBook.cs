using System.Collections.Concurrent;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Topics;

/// <summary>One workspace's topics in memory, as the broker listed them last: names are resolved here, and never at the broker.</summary>
internal sealed class TopicBook(WorkspaceRow row, WorkspaceKeys keys, TopicStore store, Func<PublicKey, string> nameOf) : IDisposable
{
    private readonly ConcurrentDictionary<string, TopicRow> topics = new(store.List(row.No).Select(topic => KeyValuePair.Create(topic.Id, topic)), StringComparer.Ordinal);
    private readonly SemaphoreSlim changing = new(1, 1);
    // As the broker counted them last; it has posts that are not here. Not kept: what is not fresh is counted here.
    private readonly ConcurrentDictionary<string, int> counted = new(StringComparer.Ordinal);
    private TaskCompletionSource changed = NewSignal();
    private long heard;

    public IEnumerable<TopicRow> All => topics.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal).ThenBy(topic => topic.Id, StringComparer.Ordinal);

    /// <summary>How many changes were heard of; a list that was asked for before one of them may not have it.</summary>
    public long Heard => Interlocked.Read(ref heard);

    public TopicRow? FindById(string id) => topics.GetValueOrDefault(id);

    /// <summary>Ends at the next change after this call.</summary>
    public Task NextChange() => changed.Task;

    /// <summary>The scope of a topic that has a root of its own; null for a public one. Its own log, once seen, is believed more than the broker's list.</summary>
    public string? OwnScopeOf(string id)
    {
        ScopeKeys scope = keys.GetForTopic(id);
        if (scope != keys.Mesh && scope.State.Head.Seq > 0)
            return scope.Scope;
        return FindById(id) is { IsPublic: false } topic ? topic.Scope : null;
    }

    /// <summary>The other one of a dm; null elsewhere, and where his key is not known yet.</summary>
    public string? PeerOf(TopicRow topic)
    {
        if (!topic.IsDm || keys.GetForTopic(topic.Id) is not { } scope || scope == keys.Mesh)
            return null;

        // Who has left the dm is still its other one.
        PublicKey[] others = [.. scope.State.Keys.Keys.Where(key => !keys.IsOwn(key))];
        return others.Length == 0 ? null : nameOf(others.FirstOrDefault(scope.State.Members.ContainsKey, others[0]));
    }

    public TopicRow? FindDm(PublicKey peer) => topics.Values.FirstOrDefault(topic =>
        topic is { IsDm: true, ArchivedAt: null } && keys.GetForTopic(topic.Id) is { } scope && scope != keys.Mesh && scope.State.Members.ContainsKey(peer));

    /// <summary>Posts of others behind the read mark: as many as are here, or as the broker has counted, whichever are more.</summary>
    /// <param name="here">For each topic as many as are here.</param>
    public long UnreadOf(TopicRow topic, Dictionary<string, long> here) =>
        topic.Role is null ? 0 : Math.Max(here.GetValueOrDefault(topic.Id), counted.GetValueOrDefault(topic.Id));

    /// <summary>By name with or without <c>#</c>, by id, or a dm by the other one's name. One that is not archived comes first.</summary>
    public TopicRow? Find(string typed)
    {
        string text = NameOf(typed);
        return All.Where(topic => !topic.IsDm && string.Equals(topic.Name, text, StringComparison.OrdinalIgnoreCase)).OrderBy(topic => topic.ArchivedAt is not null).FirstOrDefault()
            ?? FindById(text)
            ?? All.Where(topic => topic.IsDm && string.Equals(PeerOf(topic), text, StringComparison.OrdinalIgnoreCase)).OrderBy(topic => topic.ArchivedAt is not null).FirstOrDefault();
    }

    public static string NameOf(string typed) => typed.StartsWith('#') ? typed[1..] : typed;

    /// <summary>Takes over the whole list; what is not in it is forgotten here, with its posts.</summary>
    public async Task ReplaceAsync(TopicInfo[] listed, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            TopicRow[] rows = [.. listed.Select(info => TopicRow.Of(info, FindById(info.Id)))];
            foreach (TopicInfo info in listed)
                TakeCount(info);
            HashSet<string> there = [.. rows.Select(topic => topic.Id)];
            await store.PutAsync(row.No, rows, cancellationToken);
            foreach (TopicRow topic in rows)
                topics[topic.Id] = topic;
            foreach (TopicRow gone in topics.Values.Where(topic => !there.Contains(topic.Id)).ToArray())
                await ForgetAsync(gone.Id, cancellationToken);
        }
        finally
        {
            changing.Release();
            Signal();
        }
    }

    /// <param name="info">Null: it is no longer for this person.</param>
    public async Task ChangeAsync(string id, TopicInfo? info, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref heard);
        await changing.WaitAsync(cancellationToken);
        try
        {
            if (info is null)
            {
                await ForgetAsync(id, cancellationToken);
                return;
            }

            TakeCount(info);
            await PutAsync(TopicRow.Of(info, FindById(id)), cancellationToken);
        }
        finally
        {
            changing.Release();
            Signal();
        }
    }

    /// <summary>This person has read on.</summary>
    public async Task MarkReadAsync(string id, long through, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            counted.TryRemove(id, out _);
            if (FindById(id) is { } topic && topic.ReadThrough < through)
                await PutAsync(topic with { ReadThrough = through }, cancellationToken);
        }
        finally
        {
            changing.Release();
        }
    }

    public void Dispose() => changing.Dispose();

    /// <summary>A count behind a mark that has moved on since says nothing.</summary>
    private void TakeCount(TopicInfo info)
    {
        if (info.Unread is { } unread && (info.LastReadPosition ?? 0) >= (FindById(info.Id)?.ReadThrough ?? 0))
            counted[info.Id] = unread;
        else
            counted.TryRemove(info.Id, out _);
    }

    private async Task PutAsync(TopicRow topic, CancellationToken cancellationToken)
    {
        bool hasLeft = FindById(topic.Id) is { Role: not null } && topic.Role is null;
        await store.PutAsync(row.No, [topic], cancellationToken);
        topics[topic.Id] = topic;
        if (hasLeft)
            await store.DeletePostsAsync(row.No, topic.Id, cancellationToken);
    }

    private async Task ForgetAsync(string id, CancellationToken cancellationToken)
    {
        topics.TryRemove(id, out _);
        counted.TryRemove(id, out _);
        await store.DeleteAsync(row.No, id, cancellationToken);
    }

    private void Signal() => Interlocked.Exchange(ref changed, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
