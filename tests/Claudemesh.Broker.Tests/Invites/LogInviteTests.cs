using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Log;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;
using Frames = Claudemesh.Broker.Tests.Log.Frames;

namespace Claudemesh.Broker.Tests.Invites;

public sealed class LogInviteTests
{
    [Fact]
    public async Task Who_has_the_link_joins_without_an_account_and_reads_at_once_with_nobody_else_online()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        await mesh.CloseOwnerAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();

        InviteInfo info = (await GetAsync<InviteInfo>(mesh, $"/api/v1/invites/{invite.Id}"))!;
        Assert.True(Invitation.TryOpenPackage(invite.Secret, invite.Id, info.Package, out InvitePackageText package));
        HeldLog log = new(package.MeshId, "mesh", package.Pin);
        log.Read((await GetAsync<LogPage>(mesh, $"/api/v1/invites/{invite.Id}/log?after=0"))!.Records);
        Assert.Equal(JoinRefusal.None, Joining.Check(log, package, invite.Secret, invite.Id));
        using RootHistory roots = new();
        using SigningKey inviteKey = invite.Secret.DeriveKey(invite.Id);
        Assert.True(roots.TryOpen(log.State, info.Copy!.Epoch, inviteKey, info.Copy.Copy));
        EpochCopy own = new(info.Copy.Epoch, key.Public, Rotation.SealCopy(roots.Newest!, key.Public).Copy);

        string memberId = RandomBytes.NextId();
        HttpResponseMessage response = await mesh.Log.PostJoinAsync(invite.Id, key, "cid", mesh.Log.Join(invite, key, memberId), [own]);

        JoinedByLog joined = (await ReadAsync<JoinedByLog>(response))!;
        Assert.Equal((memberId, mesh.Id, MemberRole.Member, false), (joined.MemberId.Value, joined.MeshId.Value, joined.Role, joined.Waiting));
        await using TestPeer cid = await new TestMember(mesh, key, "cid", memberId).ConnectAsync();
        CopiesResult copies = await Frames.GetCopiesAsync(cid.Socket);
        Assert.Equal(own.Copy, Assert.Single(copies.Copies).Copy);
        Assert.Equal("cid", (await Frames.ListMembersAsync(cid.Socket)).Single(member => member.MemberId.Value == memberId).DisplayName.Value);
    }

    [Fact]
    public async Task Of_two_who_join_at_the_last_use_one_is_told_that_it_is_used_up()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync(uses: 1);
        using MemberSecretKey ann = MemberSecretKey.Generate();
        using MemberSecretKey bea = MemberSecretKey.Generate();

        HttpResponseMessage[] answers = await Task.WhenAll(
            mesh.Log.PostJoinAsync(invite.Id, ann, "ann", mesh.Log.Join(invite, ann, RandomBytes.NextId())),
            mesh.Log.PostJoinAsync(invite.Id, bea, "bea", mesh.Log.Join(invite, bea, RandomBytes.NextId())));

        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        Assert.Equal("invite_exhausted", await CodeAsync(Assert.Single(answers, answer => !answer.IsSuccessStatusCode)));
    }

    [Fact]
    public async Task Who_was_slower_where_uses_are_left_reads_on_and_joins()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync(uses: 2);
        using MemberSecretKey ann = MemberSecretKey.Generate();
        using MemberSecretKey bea = MemberSecretKey.Generate();
        SignedRecord late = mesh.Log.Join(invite, bea, RandomBytes.NextId());
        Assert.True((await mesh.Log.PostJoinAsync(invite.Id, ann, "ann", mesh.Log.Join(invite, ann, RandomBytes.NextId()))).IsSuccessStatusCode);

        HttpResponseMessage refused = await mesh.Log.PostJoinAsync(invite.Id, bea, "bea", late);
        await mesh.Log.ReadOnAsync();
        HttpResponseMessage taken = await mesh.Log.PostJoinAsync(invite.Id, bea, "bea", mesh.Log.Join(invite, bea, RandomBytes.NextId()));

        Assert.Equal((HttpStatusCode.Conflict, "log_moved"), (refused.StatusCode, await CodeAsync(refused)));
        Assert.True(taken.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Joining_again_because_the_answer_was_lost_answers_as_before_even_after_the_last_use()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync(uses: 1);
        using MemberSecretKey key = MemberSecretKey.Generate();
        SignedRecord record = mesh.Log.Join(invite, key, RandomBytes.NextId());

        JoinedByLog first = (await ReadAsync<JoinedByLog>(await mesh.Log.PostJoinAsync(invite.Id, key, "cid", record)))!;
        JoinedByLog again = (await ReadAsync<JoinedByLog>(await mesh.Log.PostJoinAsync(invite.Id, key, "cid", record)))!;

        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData("used up", "invite_exhausted")]
    [InlineData("revoked", "invite_revoked")]
    [InlineData("expired", "invite_expired")]
    [InlineData("ended by a removal", "invite_revoked")]
    public async Task An_invite_that_is_over_says_so_at_each_door_and_nothing_is_kept_for_it(string how, string code)
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestMesh mesh = await TestMesh.StartAsync(clock, log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestInvite invite = await mesh.Log.InviteAsync(uses: 1, validFor: TimeSpan.FromHours(1));
        await mesh.Log.RotateAsync();
        using SigningKey inviteKey = invite.Secret.DeriveKey(invite.Id);
        using MemberSecretKey late = MemberSecretKey.Generate();
        SignedRecord record = mesh.Log.Join(invite, late, RandomBytes.NextId());
        Assert.Equal(2, await CountAsync(mesh, $"FROM sealed_copy WHERE recipient = '{inviteKey.Public}'"));

        switch (how)
        {
            case "used up":
                using (MemberSecretKey first = MemberSecretKey.Generate())
                    await mesh.Log.PostJoinAsync(invite.Id, first, "first", mesh.Log.Join(invite, first, RandomBytes.NextId()));
                break;
            case "revoked":
                await mesh.Log.AppendAsync(new LogBody.Uninvite(invite.Id));
                break;
            case "ended by a removal":
                await mesh.Log.RemoveAsync(bob.Key.Public);
                break;
            default:
                clock.Advance(TimeSpan.FromHours(2));
                break;
        }

        Assert.Equal(code, await CodeAsync(await mesh.Broker.Http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}", UriKind.Relative))));
        Assert.Equal(code, await CodeAsync(await mesh.Broker.Http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}/log", UriKind.Relative))));
        Assert.Equal(code, await CodeAsync(await mesh.Log.PostJoinAsync(invite.Id, late, "late", record)));
        Assert.Equal(code, await CodeAsync(await mesh.Log.PostJoinAsync(invite.Id, late, "late")));
        await Eventually.IsAsync(
            "package and copies are gone",
            async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return await CountAsync(mesh, $"FROM sealed_copy WHERE recipient = '{inviteKey.Public}'") == 0
                    && await CountAsync(mesh, $"FROM log_invite WHERE id = '{invite.Id}' AND package IS NULL AND cleared_at IS NOT NULL") == 1;
            });
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task Who_comes_by_the_code_alone_waits_until_an_admin_admits_him()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        TestSocket admin = await mesh.OwnerSocketAsync();

        JoinedByLog joined = (await ReadAsync<JoinedByLog>(await mesh.Log.PostJoinAsync(invite.Id, key, "dan")))!;
        Assert.True(joined.Waiting);
        TestMember dan = new(mesh, key, "dan", joined.MemberId.Value);
        Assert.Equal("waiting", await HelloCodeAsync(dan));
        await admin.NextAsync("that somebody waits", frame => TestSocket.IsType(frame, "resync") && (string?)frame["reason"] == "waiting");
        WaitingMember waiting = Assert.Single((await Frames.AskAsync<MembersList>(admin, new ListMembers())).Waiting!);
        Assert.Equal((joined.MemberId, key.Public, "dan", invite.Id), (waiting.MemberId, waiting.Pubkey, waiting.DisplayName.Value, waiting.InviteId.Value));

        await mesh.Log.AdmitAsync(waiting.MemberId.Value, waiting.Pubkey);

        await using TestPeer here = await dan.ConnectAsync();
        Assert.Equal("dan", (string?)here.Welcome["displayName"]);
        Assert.Null((await Frames.AskAsync<MembersList>(admin, new ListMembers())).Waiting);
        Assert.Single((await Frames.GetCopiesAsync(here.Socket)).Copies);
    }

    [Fact]
    public async Task Members_do_not_see_who_waits()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey key = MemberSecretKey.Generate();
        await mesh.Log.PostJoinAsync(invite.Id, key, "dan");

        Assert.Null((await Frames.AskAsync<MembersList>(bob.Socket, new ListMembers())).Waiting);
    }

    [Fact]
    public async Task One_who_waits_is_admitted_under_the_id_he_was_given_and_no_other()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        JoinedByLog joined = (await ReadAsync<JoinedByLog>(await mesh.Log.PostJoinAsync(invite.Id, key, "dan")))!;

        JsonObject refused = await mesh.Log.TryAppendAsync(
            mesh.Log.Draft(new LogBody.Admit(RandomBytes.NextId(), key.Public, LogRole.Member, MemberKind.Person)));

        Assert.Equal("member_id_taken", (string?)refused["code"]);
        Assert.Contains(joined.MemberId.Value, (string?)refused["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_an_invite_sends_those_away_who_wait_by_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        JoinedByLog joined = (await ReadAsync<JoinedByLog>(await mesh.Log.PostJoinAsync(invite.Id, key, "dan")))!;

        await mesh.Log.AppendAsync(new LogBody.Uninvite(invite.Id));

        Assert.Equal("unauthorized", await HelloCodeAsync(new TestMember(mesh, key, "dan", joined.MemberId.Value)));
    }

    [Fact]
    public async Task No_more_than_a_hundred_wait()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        for (int i = 0; i < 100; i++)
        {
            using MemberSecretKey one = MemberSecretKey.Generate();
            Assert.True((await ReadAsync<JoinedByLog>(await mesh.Log.PostJoinAsync(invite.Id, one, "one")))!.Waiting);
        }

        using MemberSecretKey key = MemberSecretKey.Generate();
        Assert.Equal("waiting_full", await CodeAsync(await mesh.Log.PostJoinAsync(invite.Id, key, "late")));
    }

    [Fact]
    public async Task A_removed_key_neither_joins_nor_waits_again()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        await mesh.Log.RemoveAsync(bob.Key.Public);
        TestInvite invite = await mesh.Log.InviteAsync();

        Assert.Equal("member_removed", await CodeAsync(await mesh.Log.PostJoinAsync(invite.Id, bob.Key, "bob")));
    }

    [Theory]
    [InlineData("another's possession", "bad_possession")]
    [InlineData("a record of another", "log_refused")]
    [InlineData("a copy for another", "bad_copy")]
    [InlineData("an unknown invite", "invite_not_found")]
    public async Task Nonsense_is_refused_at_the_door(string how, string code)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        using MemberSecretKey other = MemberSecretKey.Generate();
        SignedRecord record = mesh.Log.Join(invite, key, RandomBytes.NextId());

        HttpResponseMessage response = how switch
        {
            "another's possession" => await mesh.PostAsync("/api/v1/join", JsonSerializer.Serialize(
                new JoinByLog(InviteId.Parse(invite.Id), key.Public, DisplayName.Parse("x"), mesh.Log.Now, new byte[64]), ProtocolJson.Default.JoinByLog)),
            "a record of another" => await mesh.Log.PostJoinAsync(invite.Id, other, "x", record),
            "a copy for another" => await mesh.Log.PostJoinAsync(invite.Id, key, "x", record, [mesh.Log.CopyFor(other.Public)]),
            _ => await mesh.Log.PostJoinAsync(RandomBytes.NextId(), key, "x", record),
        };

        Assert.Equal(code, await CodeAsync(response));
    }

    [Fact]
    public async Task An_id_that_could_be_guessed_and_one_that_is_taken_open_no_invite()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker, log: LogKind.Required);
        TestInvite taken = await other.Log.InviteAsync();

        InvalidOperationException guessed = await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.Log.InviteAsync(id: "short"));
        InvalidOperationException twice = await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.Log.InviteAsync(id: taken.Id));

        Assert.Contains("invite_id_too_short", guessed.Message, StringComparison.Ordinal);
        Assert.Contains("invite_exists", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_shows_invites_of_the_log_and_they_end_by_a_record_only()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync(uses: 3, role: LogRole.Admin);
        await mesh.InviteAsync();
        TestSocket owner = await mesh.OwnerSocketAsync();

        OpenInvite[] listed = (await Frames.AskAsync<InvitesList>(owner, new ListInvites())).Invites;
        JsonObject refused = await Frames.AskAsync(owner, new InviteRevoke(InviteId.Parse(invite.Id[..8])));

        Assert.Equal(2, listed.Length);
        OpenInvite signed = Assert.Single(listed, each => each.InviteId.Value == invite.Id);
        Assert.Equal((MemberRole.Admin, 3, 3, "owner"), (signed.Role, signed.UsesLeft, signed.UsesMax, signed.CreatedBy));
        Assert.Equal("invite_in_log", (string?)refused["code"]);
        Assert.Contains(invite.Id, (string?)refused["message"], StringComparison.Ordinal);
        await mesh.Log.AppendAsync(new LogBody.Uninvite(invite.Id));
        Assert.Single((await Frames.AskAsync<InvitesList>(owner, new ListInvites())).Invites);
    }

    [Fact]
    public async Task A_1x_link_lets_a_1x_client_into_a_mixed_workspace_and_makes_one_of_ours_wait()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        using MemberSecretKey old = MemberSecretKey.Generate();
        using MemberSecretKey ours = MemberSecretKey.Generate();
        LegacyInviteToken link = await mesh.InviteAsync(uses: 2);

        Joined legacy = (await ReadAsync<Joined>(await mesh.PostJoinAsync(link, old, "old", proves: false)))!;
        Joined waiting = (await ReadAsync<Joined>(await mesh.PostJoinAsync(link, ours, "new")))!;

        Assert.Null(legacy.Waiting);
        Assert.True(waiting.Waiting);
        await using LegacyPeer connected = await new TestMember(mesh, old, "old", legacy.MemberId.Value).ConnectLegacyAsync();
        Assert.Equal("waiting", await HelloCodeAsync(new TestMember(mesh, ours, "new", waiting.MemberId.Value)));
        using MemberSecretKey third = MemberSecretKey.Generate();
        Assert.Equal("invite_exhausted", await CodeAsync(await mesh.PostJoinAsync(link, third, "third")));
    }

    [Fact]
    [Trait("wire", "7.3 #6")]
    public async Task A_1x_link_into_a_workspace_that_requires_encryption_makes_everybody_wait()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using MemberSecretKey old = MemberSecretKey.Generate();

        Joined waiting = (await ReadAsync<Joined>(await mesh.PostJoinAsync(await mesh.InviteAsync(role: "admin"), old, "old", proves: false)))!;
        await mesh.Log.AdmitAsync(waiting.MemberId.Value, old.Public, LogRole.Member, MemberKind.Legacy);

        await using LegacyPeer connected = await new TestMember(mesh, old, "old", waiting.MemberId.Value).ConnectLegacyAsync();
        Member row = (await Frames.ListMembersAsync(await mesh.OwnerSocketAsync())).Single(member => member.Pubkey == old.Public);
        Assert.Equal((MemberRole.Member, MemberKind.Legacy, "old"), (row.Role, row.Kind, row.DisplayName.Value));
    }

    [Fact]
    [Trait("wire", "7.3 #18")]
    public async Task The_page_of_a_link_says_what_to_type_and_runs_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();

        HttpResponseMessage page = await mesh.Broker.Http.GetAsync(new Uri($"/i/{invite.Id}", UriKind.Relative));
        HttpResponseMessage none = await mesh.Broker.Http.GetAsync(new Uri("/i/a%20b", UriKind.Relative));

        string text = await page.Content.ReadAsStringAsync();
        Assert.Contains($"claudemesh join \"{mesh.Broker.Url}i/{invite.Id}#...\"", text, StringComparison.Ordinal);
        Assert.Equal("text/plain", page.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public async Task A_place_in_the_log_that_is_none_is_refused(string after)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();

        Assert.Equal("invalid_args", await CodeAsync(await mesh.Broker.Http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}/log?after={after}", UriKind.Relative))));
        Assert.Empty((await GetAsync<LogPage>(mesh, $"/api/v1/invites/{invite.Id}/log?after=1000"))!.Records);
    }

    private static async Task<string?> HelloCodeAsync(TestMember member)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(member.Mesh.Broker.SocketUrl);
        await socket.SendAsync(member.Hello(await socket.NextAsync("challenge")));
        return (string?)(await socket.NextAsync("error"))["code"];
    }

    private static async Task<T?> GetAsync<T>(TestMesh mesh, string path) => await ReadAsync<T>(await mesh.Broker.Http.GetAsync(new Uri(path, UriKind.Relative)));

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return (T?)JsonSerializer.Deserialize(body, ProtocolJson.Default.GetTypeInfo(typeof(T))!);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response)
    {
        JsonObject problem = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.False(response.IsSuccessStatusCode, problem.ToJsonString());
        return (string?)problem["code"];
    }

    private static async Task<long?> CountAsync(TestMesh mesh, string what) => await ScopeFixture.NumberAsync(mesh, $"SELECT count(*) {what}");
}
