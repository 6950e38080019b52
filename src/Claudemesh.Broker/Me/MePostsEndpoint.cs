using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Me;

/// <summary>What was posted in the topics that the caller may be shown: lately by others, or with a text in it.</summary>
internal sealed class MePostsEndpoint(PostScan scan, TimeProvider clock)
{
    public const string Since = "since";
    public const string Limit = "limit";
    public const string Query = "q";
    public const int CountMax = 200;
    public const int QueryCharsMax = 200;

    private const int CountUsual = 50;
    private const int QueryCharsMin = 2;
    private const int TopicsMax = 200;

    private static readonly TimeSpan SinceUsual = TimeSpan.FromDays(1);

    public async Task ListActivityAsync(RestCall call)
    {
        DateTimeOffset since = call.Time(Since) ?? clock.GetUtcNow() - SinceUsual;
        int count = call.Number(Limit, 1, CountMax, CountMax);
        (MessageRef? before, MeshError? fault) = NotificationRoutes.ReadBefore(call);
        if ((call.Fault ?? fault) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        FoundPosts found = await ScanAsync(call, before, since.ToInstant(), count, FindActivity, RowRecords.SizeOf);
        await call.AnswerAsync(new MyActivityRows(found.Rows, new MyActivityTotals(found.Rows.Length), found.IsComplete, found.Before));
    }

    public async Task SearchAsync(RestCall call)
    {
        string query = call.Text(Query, QueryCharsMax)?.Trim() ?? "";
        int count = call.Number(Limit, 1, CountMax, CountUsual);
        (MessageRef? before, MeshError? fault) = NotificationRoutes.ReadBefore(call);
        if ((call.Fault ?? fault) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        if (query.Length < QueryCharsMin)
        {
            await call.AnswerAsync(new MySearchRows(query, [], [], new MySearchTotals(0, 0), Complete: true));
            return;
        }

        // Topics are all found by the first question; those that go on are about posts.
        FoundTopicRow[] topics = before is null ? [.. call.Each.SelectMany(one => FindTopics(one, query)).Take(TopicsMax)] : [];
        FoundPosts found = await ScanAsync(call, before, new Instant(0), count, (one, post) => FindMatch(one, post, query), static _ => PostSnippet.CharsMax);
        await call.AnswerAsync(new MySearchRows(
            query, topics, found.Rows, new MySearchTotals(topics.Length, found.Rows.Length), found.IsComplete, found.Before));
    }

    /// <summary>Newest first, of every workspace that is asked about. Where to go on is said of one only: who wants more of several names one.</summary>
    private async ValueTask<FoundPosts> ScanAsync(
        RestCall call, MessageRef? before, Instant since, int count, Func<RestCall, Message, MyPostRow?> find, Func<Message, int> sizeOf)
    {
        List<MyPostRow> found = [];
        MessageId? goOn = null;
        bool isComplete = true;
        foreach (RestCall one in call.Each)
        {
            PostScanRange range = new(one.Workspace.Row.No, before, since, count);
            PostScanResult<MyPostRow> result = await scan.RunAsync(range, post => find(one, post), sizeOf, one.Aborted);
            found.AddRange(result.Found);
            isComplete &= result.Before is null;
            goOn = IdOf(one, result.Before);
        }

        return call.Each.Count == 1
            ? new FoundPosts([.. found], isComplete, goOn)
            : new FoundPosts([.. found.OrderByDescending(row => row.CreatedAt).Take(count)], isComplete && found.Count <= count, Before: null);
    }

    private static IEnumerable<FoundTopicRow> FindTopics(RestCall call, string query)
    {
        WorkspaceRow mesh = call.Workspace.Row;
        return call.Workspace.Topics.All
            .Where(topic => topic.ArchivedAt is null && call.Caller.MaySee(topic) && (Has(topic.Name.Value, query) || Has(topic.Description, query)))
            .OrderBy(topic => topic.Name.Value, StringComparer.Ordinal)
            .ThenBy(topic => topic.No.Value)
            .Take(TopicsMax)
            .Select(topic => new FoundTopicRow(topic.Id, topic.Name, topic.Description, mesh.Id, mesh.Slug.Value, mesh.Name));
    }

    private static MyPostRow? FindActivity(RestCall call, Message post)
    {
        if (post.Sender == call.Caller.MemberNo || FindTopic(call, post) is not { } topic)
            return null;

        MyPostRow row = Row(call, topic, post, PostSnippet.Of(PostSnippet.TextOf(post)));
        return !row.Encrypted ? row : row with { Ciphertext = post.Envelope.Body, Nonce = post.Envelope.Nonce, Header = post.Envelope.Header };
    }

    private static MyPostRow? FindMatch(RestCall call, Message post, string query)
    {
        if (FindTopic(call, post) is not { } topic)
            return null;

        string? text = PostSnippet.TextOf(post);
        int at = text?.IndexOf(query, StringComparison.OrdinalIgnoreCase) ?? -1;
        return at >= 0 || Has(call.Workspace.Members.Find(post.Sender)?.DisplayName, query) ? Row(call, topic, post, PostSnippet.Of(text, Math.Max(0, at))) : null;
    }

    private static Topic? FindTopic(RestCall call, Message post) =>
        call.Workspace.Topics.FindById(post.Envelope.Target[1..]) is { } topic && call.Caller.MaySee(topic) ? topic : null;

    private static MyPostRow Row(RestCall call, Topic topic, Message post, string? snippet)
    {
        Workspace workspace = call.Workspace;
        MeshMember? sender = workspace.Members.Find(post.Sender);
        return new MyPostRow(
            workspace.Ids.Of(post.Id),
            topic.Id,
            topic.Name,
            workspace.Id,
            workspace.Row.Slug.Value,
            workspace.Row.Name,
            DisplayName.TryParse(sender?.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
            sender?.Id ?? default,
            snippet,
            post.Envelope.BodyVersion,
            !PostSnippet.IsPlain(post),
            post.CreatedAt.ToTime());
    }

    private static MessageId? IdOf(RestCall call, MessageRef? at) => at is { } found ? call.Workspace.Ids.Of(found) : null;

    private static bool Has(string? text, string query) => text?.Contains(query, StringComparison.OrdinalIgnoreCase) == true;

    private sealed record FoundPosts(MyPostRow[] Rows, bool IsComplete, MessageId? Before);
}
