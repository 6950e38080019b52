using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Tests.Contacts;

/// <summary>The broker's list of members, held against the signed log.</summary>
public sealed class LoggedListingTests : IDisposable
{
    private readonly MemberSecretKey alice = MemberSecretKey.Generate();
    private readonly MemberSecretKey bob = MemberSecretKey.Generate();
    private readonly PublicKey old = MemberSecretKey.Generate().Public;
    private readonly LogDraft log;

    public LoggedListingTests()
    {
        log = new LogDraft(Membership.Empty("mesh1", RootReference.MeshScope), alice, 1_700_000_000_000);
        Assert.Equal(LogRefusal.None, log.Add(new LogBody.Genesis(new Digest(new byte[32]), false, "m-alice")));
        Assert.Equal(LogRefusal.None, log.Add(new LogBody.Admit("m-bob", bob.Public, LogRole.Admin, MemberKind.Person)));
        Assert.Equal(LogRefusal.None, log.Add(new LogBody.Admit("m-old", old, LogRole.Member, MemberKind.Legacy)));
    }

    public void Dispose()
    {
        alice.Dispose();
        bob.Dispose();
    }

    [Fact]
    public void Role_kind_and_id_are_the_logs_and_the_name_is_the_brokers()
    {
        LoggedListing listing = List(Listed(bob.Public, "other-id", "Bob", "owner", MemberKinds.Legacy));

        RosterMember shown = Assert.Single(listing.Believed);
        Assert.Equal(("m-bob", "Bob", "admin", MemberKinds.Person, false), (shown.MemberId, shown.Name, shown.Role, shown.Kind, shown.Unverified));
        Assert.Equal("Bob", Assert.Single(listing.Downgraded).Name);
    }

    [Fact]
    public void Whom_the_broker_leaves_out_is_a_member_all_the_same()
    {
        LoggedListing listing = List(Listed(alice.Public, "m-alice", "alice", "owner", MemberKinds.Person));
        Assert.Equal(["m-bob", "m-old"], listing.Unlisted.Select(member => member.MemberId).Order(StringComparer.Ordinal));
        Assert.Equal(MemberKinds.Legacy, listing.Unlisted.Single(member => member.MemberId == "m-old").Kind);
    }

    [Fact]
    public void Who_is_not_in_the_log_is_unverified_and_another_key_under_a_members_id_is_nobody()
    {
        PublicKey made = MemberSecretKey.Generate().Public;
        LoggedListing listing = List(
            Listed(made, "m-eve", "eve", "admin", MemberKinds.Person), Listed(MemberSecretKey.Generate().Public, "m-bob", "bob", "admin", MemberKinds.Person));

        RosterMember eve = Assert.Single(listing.Unverified);
        Assert.Equal((made, true, "none"), (eve.Key, eve.Unverified, eve.Role));
        Assert.Equal("m-bob", Assert.Single(listing.Replaced).MemberId);
    }

    [Fact]
    public void A_key_that_the_log_has_had_is_no_1x_key_whatever_the_broker_says()
    {
        Assert.Equal(LogRefusal.None, log.Add(new LogBody.Remove(bob.Public, "")));
        LoggedListing listing = List(
            Listed(bob.Public, "m-x", "bob", "member", MemberKinds.Legacy), Listed(MemberSecretKey.Generate().Public, "m-y", "yan", "member", MemberKinds.Legacy));

        Assert.Equal([("bob", MemberKinds.Person), ("yan", MemberKinds.Legacy)], listing.Unverified.Select(member => (member.Name, member.Kind)));
    }

    [Fact]
    public async Task A_pin_moves_with_a_signed_change_of_key_and_what_was_verified_is_so_no_more()
    {
        using var home = new TempHome();
        await using DaemonDatabase database = DaemonDatabase.Open(home.Home.Database, TimeProvider.System);
        var keys = new Daemon.Keys.KeyStore(database);
        var store = new WorkspaceStore(database, keys, TimeProvider.System);
        await store.KeepSeedAsync("mesh1", new byte[32], CancellationToken.None);
        WorkspaceRow row = await store.AddAsync(
            new WorkspaceRow(0, "mesh1", "", "acme", "Acme", "http://127.0.0.1:1", "owner", "m-alice", alice.Public, "alice", 0, ""), start: null, CancellationToken.None);
        var contacts = new ContactStore(database, TimeProvider.System);
        var pins = new PinBook(row.No, contacts);
        await pins.PinLoggedAsync([Listed(bob.Public, "m-bob", "bob", "admin", MemberKinds.Person)], CancellationToken.None);
        await pins.MarkVerifiedAsync(bob.Public, verified: true, CancellationToken.None);

        using MemberSecretKey renewed = MemberSecretKey.Generate();
        var change = new LogDraft(log.State, bob, log.State.Head.At);
        Assert.Equal(LogRefusal.None, change.AddKeyChange(renewed, compromised: false));
        await pins.FollowAsync(change.State, CancellationToken.None);

        foreach (PinBook book in new[] { pins, new PinBook(row.No, contacts) })
        {
            Assert.Null(book.Find(bob.Public));
            Contact moved = book.Find(renewed.Public)!;
            Assert.Equal(("bob", "m-bob", null), (moved.Name, moved.MemberId, moved.VerifiedAt));
        }
    }

    private static RosterMember Listed(PublicKey key, string id, string name, string role, string kind) => new(key, id, name, role, kind, true, null, [], []);

    private LoggedListing List(params RosterMember[] listed) => LoggedListing.Of(log.State, _ => null, listed);
}
