using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Search;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Tests.Outbox;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Search;

/// <summary>The index has the words of what is in the tables, all of them and no others, whatever becomes of their rows.</summary>
public sealed class MessageIndexTests : IAsyncLifetime
{
    private const string Topic = "t1";
    private const string EachWord = "SELECT term || ' ' || doc FROM (SELECT DISTINCT term, doc FROM temp.word) ORDER BY 1";

    private OutboxFixture fixture = null!;
    private PostStore posts = null!;
    private TopicStore topics = null!;
    private InboxStore inbox = null!;
    private MessageIndex index = null!;

    private long No => fixture.Row.No;

    public async ValueTask InitializeAsync()
    {
        fixture = await OutboxFixture.StartAsync();
        posts = new PostStore(fixture.Database, fixture.Clock);
        topics = new TopicStore(fixture.Database);
        inbox = new InboxStore(fixture.Database, fixture.Clock);
        index = new MessageIndex(fixture.Database);
        await topics.PutAsync(No, [new TopicRow(Topic, "deploys", null, TopicVisibilities.Public, 2, TopicRoles.Member, 0, null, 7, false, 0)], default);
    }

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task What_came_what_was_posted_and_what_was_sent_is_found_by_the_beginnings_of_its_words()
    {
        await inbox.StoreAsync(No, [Message(1, "The Schema changed")], default);
        await inbox.StoreAsync(No, [Post(2, "schemas are for Décembre")], default);
        await fixture.SubmitAsync("s3", fixture.Me.Public, "which schema?");

        Assert.Equal(["inbox", "post", "sent"], Find("schem").Select(one => one.Kind).Order(StringComparer.Ordinal));
        Assert.Equal("The Schema changed", Assert.Single(Find("CHANGED sch")).Text);
        Assert.Equal("post", Assert.Single(Find("decem")).Kind);
        Assert.Empty(Find("chema"));
        Assert.Empty(Find("schema absent"));
    }

    [Fact]
    public async Task The_newest_are_first_also_where_older_ones_came_later()
    {
        await inbox.StoreAsync(No, [Post(50, "word new", sentAt: 500)], default);
        await posts.KeepAsync(No, Topic, [Post(10, "word old", sentAt: 100).Post!, Post(11, "word middle", sentAt: 300).Post!], default);
        await inbox.StoreAsync(No, [Message(3, "word between", sentAt: 200)], default);

        Assert.Equal(["word new", "word middle", "word between", "word old"], Find("word").Select(one => one.Text));
        Assert.Equal(["word new", "word middle", "word between"], Find("word", limit: 2).Select(one => one.Text));
    }

    [Fact]
    public async Task One_message_is_found_once_however_often_it_is_here()
    {
        Incoming mention = Post(1, "look here");
        await inbox.StoreAsync(No, [Incoming.Of(mention.Post! with { MentionsMe = true })], default);
        await inbox.StoreAsync(No, [Copy("m9", null), Copy("m9", "session1"), Copy("m9", "session2")], default);
        Assert.Equal(["group", "look here"], Find("look").Concat(Find("group")).Select(one => one.Text).Order(StringComparer.Ordinal));

        Assert.Equal(Claudemesh.Daemon.Outbox.Submission.Stored, await fixture.SubmitSharedAsync("c7", "#" + Topic, "posted by me"));
        Assert.Equal("sent", Assert.Single(Find("posted")).Kind);
        await fixture.Outbox.SettleAsync(No, [new(fixture.Get("c7").Seq, "accepted", null, $"m{7:D31}")], [], default);
        Assert.Equal("sent", Assert.Single(Find("posted")).Kind);
        await inbox.StoreAsync(No, [Post(7, "posted by me")], default);
        Assert.Equal("post", Assert.Single(Find("posted")).Kind);

        static Incoming Copy(string id, string? session) => new(Message(9, "group").ToInbox! with { Dedupe = $"1|{id}|{session}", MessageId = id, SessionId = session });
    }

    [Fact]
    public async Task A_sender_a_topic_and_a_workspace_narrow_what_is_found()
    {
        await inbox.StoreAsync(No, [Message(1, "word a"), Message(2, "word b", sender: "carol"), Post(3, "word c"), Post(4, "word d", sender: "Carol")], default);
        await fixture.SubmitAsync("s5", fixture.Me.Public, "word e");

        Assert.Equal(["word b", "word d"], Texts(Find("word", from: "CAROL")));
        Assert.Equal(["word a", "word c"], Texts(Find("word", from: "bobk")));
        Assert.Empty(Find("word", from: "bob%"));
        Assert.Empty(Find("word", from: "bobk_"));
        Assert.Equal(["word e"], Texts(Find("word", from: "alice")));
        Assert.Equal(["word e"], Texts(Find("word", from: fixture.Me.Public.ToString()[..6].ToUpperInvariant())));
        Assert.Equal(["word c", "word d"], Texts(Find("word", topic: Topic)));
        Assert.Empty(Find("word", topic: "t2"));
        Assert.Equal(5, index.Search(Query("word") with { WorkspaceNo = No }).Count);
        Assert.Empty(index.Search(Query("word") with { WorkspaceNo = No + 1 }));
    }

    [Fact]
    public async Task Whatever_becomes_of_messages_the_index_has_the_words_of_those_that_are_there()
    {
        var random = new Dice(7);
        long position = 0;
        for (int i = 0; i < 300; i++)
        {
            fixture.Clock.Advance(TimeSpan.FromHours(12));
            await DoSomethingAsync(random.Next(12), ++position, random);
            if (i % 10 == 0)
                await AssertIndexedAsync();
        }

        await AssertIndexedAsync();
        await new WorkspaceStore(fixture.Database, new Claudemesh.Daemon.Keys.KeyStore(fixture.Database), fixture.Clock).DeleteAsync(fixture.Row, default);
        Assert.Equal(0, fixture.Database.Read(sql => sql.Number("SELECT COUNT(*) FROM post")));
        await AssertIndexedAsync();
    }

    [Fact]
    public async Task What_was_here_before_the_index_is_put_into_it_in_slices_also_while_it_changes()
    {
        await FillAsync(500);
        await fixture.Database.WriteAsync(MakeOlder, default);
        Assert.False(index.IsComplete);
        Assert.Empty(Find("seven"));

        await DeleteEachTenthAsync();
        await inbox.StoreAsync(No, [Message(9001, "seven new"), Post(9002, "seven new")], default);
        Assert.Equal(2, Find("seven").Count);

        Task filling = index.FillAsync(default);
        await DeleteEachTenthAsync();
        await inbox.StoreAsync(No, [Post(9003, "seven newer")], default);
        await filling;

        Assert.True(index.IsComplete);
        await AssertIndexedAsync();
        await DeleteEachTenthAsync();
        await AssertIndexedAsync();
    }

    [Fact]
    public async Task Filling_that_is_stopped_goes_on_where_it_was()
    {
        await FillAsync(500);
        await fixture.Database.WriteAsync(MakeOlder, default);
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        await index.FillAsync(stopping.Token);
        Assert.False(index.IsComplete);

        await fixture.RestartAsync();
        await new MessageIndex(fixture.Database).FillAsync(default);
        await AssertIndexedAsync();
        Assert.True(new MessageIndex(fixture.Database).IsComplete);
    }

    private static Incoming Message(long no, string text, long sentAt = 1000, string sender = "bob") => new(
        new Arrival($"3|{sender}|c{no}|", $"i{no:D31}", $"c{no}", sender, sender + "key", null, "member", null, text, Encryptions.Member, true, null, Priorities.Next, null, sentAt, "", no));

    private static Incoming Post(long position, string text, long sentAt = 1000, string sender = "bob") => Incoming.Of(new NewPost(
        Topic,
        new Arrival(
            $"3|{sender}|p{position}|", $"m{position:D31}", $"p{position}", sender, sender + "key", null, "#deploys", null, text, Encryptions.Member, true, null, Priorities.Next, null,
            sentAt, "#" + Topic, position),
        Own: false,
        MentionsMe: false));

    private static MessageQuery Query(string words, int limit = 20) => new(MessageQuery.WordsOf(words), null, null, null, limit);

    private static IEnumerable<string> Texts(IEnumerable<IndexedMessage> found) => found.Select(one => one.Text).Order(StringComparer.Ordinal);

    /// <summary>As a daemon's without an index leaves it: the index is empty, and nothing of what is there is in it.</summary>
    private static void MakeOlder(Sql sql)
    {
        sql.Execute("INSERT INTO message_index (message_index) VALUES ('delete-all')");
        foreach (string table in new[] { "inbox", "post", "outbox" })
            sql.Execute($"UPDATE message_backlog SET first = (SELECT COALESCE(MAX(seq) + 1, 0) FROM {table}) WHERE source = $1", table);
    }

    private List<IndexedMessage> Find(string words, string? from = null, string? topic = null, int limit = 20) => index.Search(Query(words, limit) with
    {
        From = from,
        Topic = topic is null ? null : new TopicRow(topic, "x", null, TopicVisibilities.Public, 1, null, 0, null, null, false, 0),
    });

    private async Task FillAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await inbox.StoreAsync(No, [Message(i, $"seven {i}"), Post(i + 1, $"posted {i}")], default);
            if (i % 5 == 0)
                await fixture.SubmitAsync($"s{i}", fixture.Me.Public, $"sent {i}");
        }
    }

    private Task DeleteEachTenthAsync() => fixture.Database.WriteAsync(
        sql =>
        {
            foreach (string table in new[] { "inbox", "post", "outbox" })
                sql.Execute($"DELETE FROM {table} WHERE seq IN (SELECT seq FROM {table} WHERE seq % 10 = (SELECT MIN(seq) % 10 FROM {table}) LIMIT 100)");
        },
        default);

    private async Task DoSomethingAsync(int what, long position, Dice random)
    {
        string text = $"word{random.Next(40)} and some{random.Next(9)} Ünïcode 日本{position} {position}";
        long now = fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        switch (what)
        {
            case 0 or 1:
                await inbox.StoreAsync(No, [Message(position, text, now), Message(position, text, now)], default);
                break;
            case 2 or 3:
                await inbox.StoreAsync(No, [Post(position, text, now)], default);
                break;
            case 4:
                await posts.KeepAsync(No, Topic, [Post(position / 2, text, now).Post!], default);
                break;
            case 5:
                await inbox.StoreAsync(No, [Post(position / 2, text, now)], default);
                break;
            case 6:
                await fixture.SubmitAsync($"s{position}", fixture.Me.Public, text);
                await fixture.Outbox.SettleAsync(No, [new(fixture.Get($"s{position}").Seq, "accepted", null, $"x{position}")], [], default);
                break;
            case 7:
                Incoming mention = Post(position, text, now);
                await inbox.StoreAsync(No, [Incoming.Of(mention.Post! with { MentionsMe = true })], default);
                break;
            case 8:
                NewPost waiting = Post(position, text, now).Post!;
                await inbox.StoreAsync(No, [Incoming.Of(waiting with { Arrival = waiting.Arrival with { Text = null, Sealed = [1] } })], default);
                await posts.ReplaceSealedAsync(No, posts.ReadSealed(No, 0, 1)[0].Seq, waiting with { MentionsMe = position % 2 == 0 }, default);
                break;
            case 9:
                Arrival closed = Message(position, text, now).ToInbox!;
                await inbox.StoreAsync(No, [new Incoming(closed with { Text = null, Sealed = [1] })], default);
                await inbox.ReplaceSealedAsync(No, inbox.ReadSealed(No, 0, 1)[0].Seq, closed, default);
                break;
            case 10:
                await posts.PruneAsync(default);
                await inbox.PruneAsync(default);
                await fixture.Outbox.PruneAsync(default);
                break;
            default:
                if (random.Next(8) == 0)
                    await topics.DeletePostsAsync(No, Topic, default);
                break;
        }
    }

    /// <summary>Compares with an index that is made anew from what is in the tables.</summary>
    private async Task AssertIndexedAsync()
    {
        (List<string> kept, List<string> made) = fixture.Database.Read(sql =>
        {
            sql.RunScript(
                """
                DROP TABLE IF EXISTS temp.word;
                DROP TABLE IF EXISTS temp.fresh;
                CREATE VIRTUAL TABLE temp.word USING fts5vocab('main', 'message_index', 'instance');
                """);
            List<string> words = sql.Query(EachWord, row => row.GetString(0));
            sql.RunScript(
                """
                DROP TABLE temp.word;
                CREATE VIRTUAL TABLE temp.fresh USING fts5(body, content = '', tokenize = 'unicode61 remove_diacritics 2');
                INSERT INTO temp.fresh (rowid, body) SELECT seq * 4, body FROM inbox WHERE body IS NOT NULL;
                INSERT INTO temp.fresh (rowid, body) SELECT seq * 4 + 1, body FROM post WHERE body IS NOT NULL;
                INSERT INTO temp.fresh (rowid, body) SELECT seq * 4 + 2, body FROM outbox;
                CREATE VIRTUAL TABLE temp.word USING fts5vocab('temp', 'fresh', 'instance');
                """);
            return (words, sql.Query(EachWord + " ", row => row.GetString(0)));
        });
        Assert.Equal(made, kept);
        await fixture.Database.WriteAsync(sql => sql.Execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')"), default);
    }

    /// <summary>The same throws for the same seed.</summary>
    private sealed class Dice(uint seed)
    {
        private uint state = seed;

        /// <summary>From 0 to below this (xorshift, G. Marsaglia 2003).</summary>
        public int Next(int below)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            return (int)(state % (uint)below);
        }
    }
}
