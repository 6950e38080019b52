using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

public sealed class RestPostTests
{
    [Fact]
    [Trait("rest", "7.2 C1")]
    public async Task A_script_posts_plain_text_and_members_on_sockets_get_it_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await alice.Socket.GeneralAsync();
        await carol.Socket.GeneralAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer answer = await key.PostAsync("/messages", """{"topic":"general","text":"deployed ✓"}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal((string?)answer.Body!["messageId"], (string?)answer.Body["historyId"]);
        Assert.Equal((string?)answer.Body["messageId"], (string?)answer.Body["queueId"]);
        Assert.Equal(("general", 1, 0), ((string?)answer.Body["topic"], (int?)answer.Body["bodyVersion"], (int?)answer.Body["notifications"]));
        Received received = await alice.NextMessageAsync();
        Assert.Equal(("deployed ✓", (string?)answer.Body["messageId"]), (received.Text, received.Id));
        Assert.Equal((1, "general", "owner"), ((int?)received.Frame["bodyVersion"], (string?)received.Frame["topic"], (string?)received.Frame["senderName"]));
        Assert.Equal("deployed ✓", (await carol.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("rest", "7.1 A18")]
    public async Task A_post_is_its_keys_issuers_and_nobody_elses()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        await alice.Socket.GeneralAsync();

        RestAnswer posted = await key.PostAsync("/messages", """{"topic":"general","text":"it was me"}""");
        JsonNode row = (await key.GetAsync("/topics/general/messages?limit=1")).Body!["messages"]![0]!;

        Assert.Equal(("bob", bob.Id, bob.Key.Public.ToString()), ((string?)row["senderName"], (string?)row["senderMemberId"], (string?)row["senderPubkey"]));
        Assert.Equal((string?)posted.Body!["messageId"], (string?)row["id"]);
        Assert.Equal(bob.Key.Public.ToString(), (await alice.NextMessageAsync()).Sender);
    }

    [Fact]
    [Trait("rest", "7.2 C19")]
    public async Task A_post_under_one_idempotency_key_is_one_post_also_across_a_restart_and_another_body_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestKey other = await mesh.MakeKeyAsync();

        RestAnswer first = await PostAsync(key, "once", "deploy-17");
        RestAnswer second = await PostAsync(key, "once", "deploy-17");
        await mesh.CloseOwnerAsync();
        await mesh.Broker.RestartAsync();
        RestAnswer third = await PostAsync(key, "once", "deploy-17");
        RestAnswer conflict = await PostAsync(key, "twice", "deploy-17");
        RestAnswer elsewhere = await PostAsync(other, "once", "deploy-17");

        string? id = (string?)first.Body!["messageId"];
        Assert.Equal((id, id), ((string?)second.Body!["messageId"], (string?)third.Body!["messageId"]));
        Assert.Equal((long?)first.Body["position"], (long?)third.Body["position"]);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(["true"], second.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal(["true"], third.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal((409, "idempotency_conflict"), (conflict.Status, conflict.Code));
        Assert.NotEqual(id, (string?)elsewhere.Body!["messageId"]);
        Assert.Equal(2, (await key.GetAsync("/topics/general/messages")).Body!["messages"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_was_accepted_once_is_not_refused_when_it_is_sent_again_after_a_change()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        await mesh.AddMemberAsync("bob");
        RestAnswer first = await AskForBobAsync("run 1");

        await mesh.AddMemberAsync("bob");
        RestAnswer again = await AskForBobAsync("run 1");
        RestAnswer another = await AskForBobAsync("run 2");

        Assert.Equal((200, 200), (first.Status, again.Status));
        Assert.Equal((string?)first.Body!["messageId"], (string?)again.Body!["messageId"]);
        Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal((409, "mention_ambiguous"), (another.Status, another.Code));

        async Task<RestAnswer> AskForBobAsync(string run)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/messages", UriKind.Relative));
            request.Content = new StringContent("""{"topic":"general","text":"bob?","mentions":["bob"]}""", Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", run.Replace(' ', '-'));
            return await RestAnswer.ReadAsync(await key.Http.SendAsync(request));
        }
    }

    [Fact]
    [Trait("rest", "7.1 A15")]
    public async Task A_plain_post_is_refused_where_the_topic_takes_only_encrypted_ones()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer plain = await key.PostAsync("/messages", """{"topic":"general","text":"for all to read"}""");
        RestAnswer legacy = await key.PostAsync("/messages", Body("general", "sealed", bodyVersion: 2));

        Assert.Equal((403, "encryption_required"), (plain.Status, plain.Code));
        Assert.Equal((403, "encryption_required"), (legacy.Status, legacy.Code));
        Assert.Empty((await key.GetAsync("/topics/general/messages")).Body!["messages"]!.AsArray());
    }

    [Fact]
    public async Task A_sealed_body_is_passed_as_it_is_and_shown_as_encrypted()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer second = await key.PostAsync("/messages", Body("general", "sealed", bodyVersion: 2));
        RestAnswer third = await key.PostAsync("/messages", Body("general", "sealed too", bodyVersion: 3));

        Assert.Equal((200, 200), (second.Status, third.Status));
        JsonArray rows = (await key.GetAsync("/topics/general/messages")).Body!["messages"]!.AsArray();
        Assert.All(rows, row => Assert.True((bool?)row!["encrypted"]));
        Assert.All(rows, row => Assert.Null(row!["text"]));
        Assert.Equal((3, "c2VhbGVkIHRvbw==", "CQkJ"), ((int?)rows[0]!["bodyVersion"], (string?)rows[0]!["ciphertext"], (string?)rows[0]!["header"]));
    }

    [Fact]
    public async Task A_reply_names_a_message_of_the_same_topic_or_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.Socket.CreateTopicAsync("deploys");
        using TestKey key = await mesh.MakeKeyAsync();
        string parent = (string)(await key.PostAsync("/messages", """{"topic":"general","text":"a question"}""")).Body!["messageId"]!;

        RestAnswer reply = await key.PostAsync("/messages", $$"""{"topic":"general","text":"an answer","replyToId":"{{parent}}"}""");
        RestAnswer elsewhere = await key.PostAsync("/messages", $$"""{"topic":"deploys","text":"an answer","replyToId":"{{parent}}"}""");

        Assert.Equal(parent, (string?)reply.Body!["replyToId"]);
        Assert.Equal(parent, (string?)(await key.GetAsync("/topics/general/messages?limit=1")).Body!["messages"]![0]!["replyToId"]);
        Assert.Equal((400, "reply_elsewhere"), (elsewhere.Status, elsewhere.Code));
    }

    [Theory]
    [InlineData("""{"text":"no topic"}""", "topic must be given")]
    [InlineData("""{"topic":"general"}""", "text, or ciphertext, must be given")]
    [InlineData("""{"topic":"general","text":""}""", "text must have at least one character")]
    [InlineData("""{"topic":"general","text":"a","ciphertext":"YQ=="}""", "text must not come together with ciphertext")]
    [InlineData("""{"topic":"general","text":"a","bodyVersion":2}""", "text must not come with bodyVersion 2 or 3")]
    [InlineData("""{"topic":"general","ciphertext":"not base64"}""", "ciphertext must be standard base64")]
    [InlineData("""{"topic":"general","ciphertext":"/w=="}""", "ciphertext must be the base64 of a text in UTF-8")]
    [InlineData("""{"topic":"general","ciphertext":"YQ==","bodyVersion":2}""", "nonce must be given")]
    [InlineData("""{"topic":"general","ciphertext":"YQ==","nonce":"YQ==","bodyVersion":2}""", "nonce must have 24 bytes")]
    [InlineData("""{"topic":"general","ciphertext":"YQ==","nonce":"YQ=="}""", "nonce must have 24 bytes")]
    [InlineData("""{"topic":"general","text":"a","bodyVersion":4}""", "bodyVersion must be 1, 2 or 3")]
    [InlineData("""{"topic":"general","text":"a","priority":"soon"}""", "priority must be one of now, next, low")]
    [InlineData("""{"topic":"general","text":"\ud800"}""", "text is missing, null, given twice or of the wrong type")]
    [InlineData("""{"topic":"general","text":"a","mentions":[""]}""", "mentions must be names of 1 to 64 characters")]
    [InlineData("""{"topic":"general","text":"a","replyToId":""}""", "replyToId must be an id")]
    [InlineData("""["general"]""", "not JSON of the documented form")]
    [InlineData("", "not JSON of the documented form")]
    public async Task A_body_that_is_not_as_documented_is_refused_with_what_is_wrong(string body, string what)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer answer = await key.PostAsync("/messages", body);

        Assert.Equal((400, "invalid_args"), (answer.Status, answer.Code));
        Assert.Contains(what, (string?)answer.Body!["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        byte[] body = [.. """{"topic":"general","text":"""u8, (byte)'"', 0xC3, 0x28, .. "\"}"u8];

        RestAnswer answer = await RestAnswer.ReadAsync(await key.Http.PostAsync(new Uri("/api/v1/messages", UriKind.Relative), new ByteArrayContent(body)));

        Assert.Equal((400, "invalid_args"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Five_megabytes_are_refused_and_the_next_post_is_taken(bool chunked)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using StringContent content = new($$"""{"topic":"general","text":"{{new string('a', 5 * 1024 * 1024)}}"}""");
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/messages", UriKind.Relative)) { Content = content };
        request.Headers.TransferEncodingChunked = chunked;

        RestAnswer large = await RestAnswer.ReadAsync(await key.Http.SendAsync(request));
        RestAnswer tooLarge = await key.PostAsync("/messages", $$"""{"topic":"general","text":"{{new string('a', 300_000)}}"}""");

        Assert.Equal((413, "payload_too_large"), (large.Status, large.Code));
        Assert.Equal((413, "payload_too_large"), (tooLarge.Status, tooLarge.Code));
        Assert.Equal(200, (await key.PostAsync("/messages", """{"topic":"general","text":"small"}""")).Status);
    }

    [Fact]
    public async Task Who_may_not_post_is_told_why()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await carol.Socket.CreateTopicAsync("hidden", TopicVisibility.Private);
        string old = await alice.Socket.CreateTopicAsync("old");
        await alice.Socket.AskAsync(new TopicUpdate(old, Archived: true));
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer bobs = await bob.ConnectAsync();
        await bobs.Socket.TellAsync(new TopicJoin(deploys, TopicRole.Observer));
        using TestKey key = await bob.MakeKeyAsync();
        using TestKey reader = await bob.MakeKeyAsync([KeyCapability.Read]);
        using TestKey limited = await bob.MakeKeyAsync(topics: ["deploys"]);

        Assert.Equal("topic_read_only", (await PostAsync(key, "observed", topic: "deploys")).Code);
        Assert.Equal("topic_not_found", (await PostAsync(key, "guessed", topic: "hidden")).Code);
        Assert.Equal("topic_not_found", (await PostAsync(key, "nowhere", topic: "nothing")).Code);
        Assert.Equal("topic_archived", (await PostAsync(key, "late", topic: "old")).Code);
        Assert.Equal("api_key_missing_capability", (await PostAsync(reader, "only read")).Code);
        Assert.Equal("api_key_topic_out_of_scope", (await PostAsync(limited, "elsewhere")).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    public async Task An_idempotency_key_that_is_none_is_refused(string text)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        Assert.Equal("invalid_args", (await PostAsync(key, "a", text)).Code);
        Assert.Equal("invalid_args", (await PostAsync(key, "a", new string('k', 129))).Code);
        Assert.Equal(200, (await PostAsync(key, "a", new string('k', 128))).Status);
    }

    [Fact]
    public async Task What_was_posted_is_accepted_though_who_posted_it_has_gone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestStream stream = await TestStream.OpenAsync(key.Http, "/topics/general/stream");
        using System.Net.Sockets.TcpClient hasty = new();
        await hasty.ConnectAsync(mesh.Broker.Url.Host, mesh.Broker.Url.Port);
        const string Body = """{"topic":"general","text":"and away"}""";
        await hasty.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/messages HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key.Secret}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
        StreamEvent posted = await stream.NextMessageAsync();
        hasty.Close();

        Assert.Equal("and away", posted.Text);
        Assert.Equal(posted.Id, (string?)(await key.GetAsync("/topics/general/messages?limit=1")).Body!["messages"]![0]!["id"]);
    }

    private static async Task<RestAnswer> PostAsync(TestKey key, string text, string? idempotencyKey = null, string topic = "general")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/messages", UriKind.Relative));
        request.Content = new StringContent($$"""{"topic":"{{topic}}","text":"{{text}}"}""", Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        return await RestAnswer.ReadAsync(await key.Http.SendAsync(request));
    }

    private static string Body(string topic, string sealedText, int bodyVersion) =>
        new JsonObject
        {
            ["topic"] = topic,
            ["ciphertext"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(sealedText)),
            ["nonce"] = Convert.ToBase64String(new byte[24]),
            ["bodyVersion"] = bodyVersion,
            ["header"] = bodyVersion == 3 ? "CQkJ" : null,
        }.ToJsonString();
}
