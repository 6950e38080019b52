using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Log;

public sealed class AppendTests
{
    [Fact]
    public async Task A_workspace_is_born_with_its_log_and_the_owners_copy_of_the_first_root()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerMember().ConnectAsync();

        LogPage page = await Frames.ReadLogAsync(owner.Socket);
        CopiesResult copies = await Frames.GetCopiesAsync(owner.Socket);

        Assert.Equal((2, mesh.Log.State.Head.Hash), (page.Seq, page.Hash));
        Assert.Equal(mesh.Log.Held.After(0).Select(record => record.Record), page.Records.Select(record => record.Record));
        Assert.Equal((1L, 1), (copies.Epoch, copies.Copies.Length));
        Assert.Empty(copies.Missing);
        RootHistory roots = new();
        Assert.True(roots.TryOpen(mesh.Log.State, 1, mesh.OwnerKey.Key, copies.Copies[0].Copy));
    }

    [Fact]
    public async Task Who_follows_the_log_hears_of_each_new_head()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");

        await mesh.Log.RotateAsync();

        JsonObject moved = await bob.Socket.NextAsync("the new head", frame => TestSocket.IsType(frame, "log_head_moved") && (long)frame["seq"]! == mesh.Log.State.Head.Seq);
        Assert.Equal(mesh.Log.State.Head.Hash.ToString(), (string?)moved["hash"]);
        Assert.Equal("mesh", (string?)moved["scope"]);
    }

    [Fact]
    public async Task Of_two_admins_at_once_one_is_told_that_the_log_has_moved_and_does_it_again()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember ann = await mesh.AddMemberAsync("ann", role: "admin");
        TestMember bea = await mesh.AddMemberAsync("bea", role: "admin");
        TestMember out1 = await mesh.AddMemberAsync("cid");
        TestMember out2 = await mesh.AddMemberAsync("dan");
        await using TestPeer annPeer = await ann.ConnectAsync();
        await using TestPeer beaPeer = await bea.ConnectAsync();
        LogDraft first = mesh.Log.Draft(new LogBody.Remove(out1.Key.Public, ""), ann.Key);
        LogDraft second = mesh.Log.Draft(new LogBody.Remove(out2.Key.Public, ""), bea.Key);

        JsonObject[] answers = await Task.WhenAll(
            Frames.AppendAsync(annPeer.Socket, first), Frames.AppendAsync(beaPeer.Socket, second));

        JsonObject refused = Assert.Single(answers, answer => TestSocket.IsType(answer, "error"));
        Assert.Equal("log_moved", (string?)refused["code"]);
        Assert.Contains("ends at", (string?)refused["message"], StringComparison.Ordinal);
        await mesh.Log.ReadOnAsync();
        (TestMember loser, TestPeer peer, TestMember gone) = TestSocket.IsType(answers[0], "error") ? (ann, annPeer, out1) : (bea, beaPeer, out2);
        await mesh.Log.AppendAsync(new LogBody.Remove(gone.Key.Public, ""), loser.Key, peer.Socket);
        Assert.Equal(3, mesh.Log.State.Members.Count);
    }

    [Theory]
    [InlineData("a member admits")]
    [InlineData("a signature of another")]
    [InlineData("nonsense")]
    [InlineData("a scope of another")]
    public async Task What_a_rule_of_the_log_speaks_against_is_refused_with_the_rule(string how)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey key = MemberSecretKey.Generate();
        SignedRecord good = mesh.Log.Draft(new LogBody.Admit(RandomBytes.NextId(), key.Public, LogRole.Member, MemberKind.Person)).Records[0].Signed;
        Assert.True(LogRecordText.TryParse(good.Record, out LogRecordText text));

        (SignedRecord record, string why) = how switch
        {
            "a member admits" => (Frames.Sign(text with { Author = bob.Member.Key.Public }, bob.Member.Key), "role does not allow"),
            "a signature of another" => (good with { Signature = bob.Member.Key.Key.Sign(good.Record) }, "not signed by its author"),
            "nonsense" => (new SignedRecord([1, 2, 3], new byte[64]), "form"),
            _ => (Frames.Sign(text with { Scope = "topic/t1" }, mesh.OwnerKey), "another workspace or scope"),
        };
        JsonObject answer = await Frames.AppendAsync(bob.Socket, new LogAppend("mesh", [record]));

        Assert.Equal("log_refused", (string?)answer["code"]);
        Assert.Contains(why, (string?)answer["message"], StringComparison.Ordinal);
        Assert.Equal(mesh.Log.State.Head.Seq, (await Frames.ReadLogAsync(bob.Socket)).Seq);
    }

    [Fact]
    public async Task Of_a_batch_with_one_bad_record_nothing_is_appended()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey key = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft();
        draft.Add(new LogBody.Admit(RandomBytes.NextId(), key.Public, LogRole.Member, MemberKind.Person));

        // The id of bob's row under another key: the log's rules cannot know, and the row refuses it within the transaction.
        SignedRecord[] records = [draft.Records[0].Signed];
        using MemberSecretKey other = MemberSecretKey.Generate();
        draft.Add(new LogBody.Admit(await OtherWorkspacesMemberAsync(mesh), other.Public, LogRole.Member, MemberKind.Person));
        JsonObject answer = await Frames.AppendAsync(bob.Socket, draft);

        Assert.Equal("member_id_taken", (string?)answer["code"]);
        Assert.Equal(mesh.Log.State.Head.Seq, (await Frames.ReadLogAsync(bob.Socket)).Seq);
        Assert.Equal(2, (await Frames.ListMembersAsync(bob.Socket)).Length);
        Assert.Equal("log_appended", (string?)(await Frames.AppendAsync(bob.Socket, new LogAppend("mesh", records)))["type"]);
    }

    [Fact]
    public async Task More_rows_than_one_transaction_takes_are_refused_and_the_copies_come_afterwards()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        LogDraft draft = mesh.Log.Draft();
        for (int i = 0; i < 200; i++)
            draft.Add(new LogBody.Admit(RandomBytes.NextId(), MemberSecretKey.Generate().Public, LogRole.Member, MemberKind.Person));

        JsonObject answer = await Frames.AppendAsync(bob.Socket, draft);

        Assert.Equal("batch_too_large", (string?)answer["code"]);
        Assert.Contains("copies_put", (string?)answer["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a package without its invite", "bad_package")]
    [InlineData("a copy for a stranger", "bad_copy")]
    [InlineData("another key's id", "member_id_taken")]
    [InlineData("the key of another member", "log_refused")]
    public async Task What_comes_with_the_records_must_belong_to_them(string how, string code)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey key = MemberSecretKey.Generate();
        using MemberSecretKey unlogged = MemberSecretKey.Generate();
        Assert.True((await mesh.PostJoinAsync(await mesh.InviteAsync(), unlogged, "old", proves: false)).IsSuccessStatusCode);
        string taken = await OtherWorkspacesMemberAsync(mesh);
        LogDraft moved = mesh.Log.Draft(bob.Member.Key);
        moved.AddKeyChange(unlogged, compromised: false);

        LogDraft admit = mesh.Log.Draft(new LogBody.Admit(how is "another key's id" ? taken : RandomBytes.NextId(), key.Public, LogRole.Member, MemberKind.Person));
        JsonObject answer = await mesh.Log.TryAppendAsync(
            how is "the key of another member" ? moved : admit,
            how is "a copy for a stranger" ? [mesh.Log.CopyFor(unlogged.Public)] : null,
            how is "a package without its invite" ? [new InvitePackage(InviteId.Parse("an-invite-of-nobody"), [1])] : null);

        Assert.Equal(code, (string?)answer["code"]);
        Assert.Equal(mesh.Log.State.Head.Seq, (await Frames.ReadLogAsync(bob.Socket)).Seq);
    }

    [Fact]
    public async Task No_more_than_five_hundred_invites_are_open_and_a_removal_ends_them_all()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        LogDraft draft = mesh.Log.Draft();
        long expiresAt = mesh.Log.Now + 1_000_000;
        for (int i = 0; i < 500; i++)
            draft.Add(new LogBody.Invite(RandomBytes.NextId(), MemberSecretKey.Generate().Public, LogRole.Member, 1, expiresAt));
        await mesh.Log.AppendAsync(draft);

        JsonObject refused = await mesh.Log.TryAppendAsync(
            mesh.Log.Draft(new LogBody.Invite(RandomBytes.NextId(), MemberSecretKey.Generate().Public, LogRole.Member, 1, expiresAt)));
        await mesh.Log.RemoveAsync(bob.Member.Key.Public);

        Assert.Equal("too_many_invites", (string?)refused["code"]);
        Assert.Empty((await Frames.AskAsync<InvitesList>(await mesh.OwnerSocketAsync(), new ListInvites())).Invites);
        Assert.Equal(0, await ScopeFixture.NumberAsync(mesh, "SELECT count(*) FROM log_invite WHERE cleared_at IS NULL"));
    }

    [Fact]
    public async Task A_topic_that_is_not_there_and_one_that_is_not_ones_own_answer_alike()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        LogDraft topic = new(Membership.Empty(mesh.Id, "topic/hidden"), mesh.OwnerKey, mesh.Log.Now, mesh.Log.State);
        topic.Add(new LogBody.Genesis(default, EncryptionRequired: true, mesh.OwnerId));
        await ScopeFixture.AppendAsync(mesh, topic);

        JsonObject hidden = await Frames.AskAsync(bob.Socket, new LogRead("topic/hidden", 0));
        JsonObject missing = await Frames.AskAsync(bob.Socket, new LogRead("topic/missing", 0));
        JsonObject append = await Frames.AskAsync(bob.Socket, new LogAppend("topic/hidden", [topic.Records[0].Signed]));

        Assert.Equal("not_found", (string?)hidden["code"]);
        Assert.Equal("not_found", (string?)append["code"]);
        Assert.Equal(((string?)hidden["message"])!.Replace("hidden", "missing", StringComparison.Ordinal), (string?)missing["message"]);
        LogPage own = (await Frames.AskAsync<LogPage>(await mesh.OwnerSocketAsync(), new LogRead("topic/hidden", 0)));
        Assert.Equal(1, own.Seq);
    }

    [Fact]
    public async Task The_log_is_the_same_after_a_restart_and_goes_on()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        await mesh.Log.RotateAsync();
        await mesh.CloseOwnerAsync();

        await mesh.Broker.RestartAsync();

        await using TestPeer again = await bob.ConnectAsync();
        Assert.Equal(mesh.Log.State.Head.Hash, (await Frames.ReadLogAsync(again.Socket)).Hash);
        await mesh.Log.RotateAsync();
        Assert.Equal(3, (await Frames.GetCopiesAsync(again.Socket)).Epoch);
    }

    private static async Task<string> OtherWorkspacesMemberAsync(TestMesh mesh) => (await TestMesh.StartAsync(broker: mesh.Broker)).OwnerId;
}
