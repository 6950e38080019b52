using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Workspaces;

public abstract class WorkspaceStoreTests : IDisposable
{
    private readonly TestDatabase database;
    private readonly WorkspaceStore workspaces;

    protected WorkspaceStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        workspaces = new WorkspaceStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_workspace_is_born_with_its_owner_and_the_mailboxes_of_both()
    {
        (Slug? slug, MemberId owner, MeshError? refusal) = await workspaces.CreateAsync(TestRows.Workspace("acme"), CancellationToken.None);

        Assert.Null(refusal);
        Assert.Equal("acme", slug!.Value.Value);
        WorkspaceRow row = (await workspaces.FindAsync(MeshId.Parse("mesh-acme"), CancellationToken.None))!;
        Assert.Equal(("acme", "The acme team", TestRows.Key(1), (long?)null), (row.Slug.Value, row.Name, row.OwnerKey, row.ArchivedAt));
        MeshMember member = Assert.Single(await new MemberStore(database.Opened).ListAsync(row.No, CancellationToken.None));
        Assert.Equal((owner, TestRows.Key(1), MemberRole.Owner, MemberKind.Person), (member.Id, member.Key, member.Role, member.Kind));
        Assert.Equal(database.Clock.GetUtcNow(), member.JoinedAt);

        MailboxStore mailboxes = new(database.Opened);
        MailboxRow? own = await mailboxes.FindMailboxAsync(row.No, MailboxKind.Member, TestRows.Key(1).ToString(), CancellationToken.None);
        MailboxRow? everyones = await mailboxes.FindMailboxAsync(row.No, MailboxKind.Everyone, "", CancellationToken.None);
        Assert.Equal((member.Mailbox, member.No), (own!.No, own.Owner));
        Activation opened = await (await database.OpenLogAsync()).OpenAsync(row.No, CancellationToken.None);
        Assert.Equal((everyones!.No, 1, 1), (opened.Everyone, opened.Epoch, opened.NextPosition));
    }

    [Fact]
    public async Task A_taken_slug_gets_the_first_free_number()
    {
        List<string> slugs = [];
        foreach (string id in (string[])["a", "b", "c"])
        {
            NewWorkspace wish = TestRows.Workspace("acme") with { Id = MeshId.Parse(id), OwnerId = MemberId.Parse("owner-" + id) };
            slugs.Add((await workspaces.CreateAsync(wish, CancellationToken.None)).Slug!.Value.Value);
        }

        Assert.Equal(["acme", "acme-2", "acme-3"], slugs);
    }

    [Fact]
    public async Task A_creator_who_asks_again_gets_the_same_answer_and_another_is_refused()
    {
        NewWorkspace wish = TestRows.Workspace("acme");
        var first = await workspaces.CreateAsync(wish, CancellationToken.None);
        var again = await workspaces.CreateAsync(wish with { OwnerId = MemberId.Parse("other") }, CancellationToken.None);
        var thief = await workspaces.CreateAsync(
            wish with { OwnerKey = TestRows.Key(9), OwnerId = MemberId.Parse("thief") }, CancellationToken.None);

        Assert.Equal(first, again);
        Assert.Equal(MeshError.MeshIdTaken, thief.Refusal);
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM mesh"));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM member"));
    }

    [Fact]
    public async Task A_workspace_that_cannot_be_made_whole_is_not_made_at_all()
    {
        await workspaces.CreateAsync(TestRows.Workspace("acme"), CancellationToken.None);
        NewWorkspace sameOwnerId = TestRows.Workspace("other") with { OwnerId = TestRows.Workspace("acme").OwnerId };

        await Assert.ThrowsAnyAsync<Exception>(() => workspaces.CreateAsync(sameOwnerId, CancellationToken.None));

        Assert.Null(await workspaces.FindAsync(sameOwnerId.Id, CancellationToken.None));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM mesh_owner"));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM mailbox WHERE kind = 4"));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM topic"));
    }

    [Fact]
    public async Task What_may_change_of_a_member_is_kept()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        MemberStore members = new(database.Opened);
        MeshMember owner = Assert.Single(await members.ListAsync(mesh, CancellationToken.None));

        await members.UpdateAsync(
            owner with { DisplayName = "Ana", Kind = MemberKind.Bot, Groups = [new GroupTag("backend", "lead"), new GroupTag("oncall")] },
            CancellationToken.None);

        MeshMember changed = Assert.Single(await members.ListAsync(mesh, CancellationToken.None));
        Assert.Equal(("Ana", MemberKind.Bot, MemberRole.Owner), (changed.DisplayName, changed.Kind, changed.Role));
        Assert.Equal([new GroupTag("backend", "lead"), new GroupTag("oncall")], changed.Groups);
    }
}

public sealed class WorkspaceStoreOnSqliteTests() : WorkspaceStoreTests(Backend.Sqlite);

public sealed class WorkspaceStoreOnPostgresTests() : WorkspaceStoreTests(Backend.Postgres);

internal static class TestRows
{
    public static PublicKey Key(byte fill) => new([.. Enumerable.Repeat(fill, PublicKey.Size)]);

    public static NewWorkspace Workspace(string slug) => new(
        MeshId.Parse("mesh-" + slug), Slug.Parse(slug), $"The {slug} team", Key(1), MemberId.Parse("owner-" + slug), "Owner");

    public static async Task<MeshNo> CreateAsync(Database database, string slug)
    {
        WorkspaceStore workspaces = new(database);
        await workspaces.CreateAsync(Workspace(slug), CancellationToken.None);
        return (await workspaces.FindAsync(MeshId.Parse("mesh-" + slug), CancellationToken.None))!.No;
    }
}
