using Claudemesh.Daemon.Contacts;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Tests.Contacts;

public sealed class AddressBookTests
{
    private static readonly PublicKey Me = Key(1);

    private static readonly RosterMember Myself = Member(Me, "alice");
    private static readonly RosterMember Bob = Member(Key(2), "Bob") with { Groups = ["eng/backend"], Tags = ["repo:billing"] };
    private static readonly RosterMember Carol = Member(Key(3), "carol");
    private static readonly RosterMember Dave = Member(Key(4), "dave") with { Kind = MemberKinds.Legacy, Groups = ["eng"] };

    [Theory]
    [InlineData("bob")]
    [InlineData("BOB")]
    [InlineData("0202")]
    [InlineData("0202020202020202020202020202020202020202020202020202020202020202")]
    [Trait("cli", "7 silent loss: a prefix that is queued for nobody")]
    public void A_member_is_found_by_name_in_any_case_and_by_key_or_prefix(string to)
    {
        Addressed found = Resolve(to, [Myself, Bob, Carol]);
        Assert.Equal(new Recipient("Bob", Bob.Key, null, Box: false, Online: false), Assert.Single(found.Recipients));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("020")]
    [InlineData("0202f")]
    [Trait("cli", "7 silent loss: a typing mistake that is queued")]
    public void An_unknown_name_or_too_short_a_prefix_is_refused(string to) =>
        Assert.Equal(LocalErrors.RecipientNotFound, Resolve(to, [Myself, Bob]).Problem!.Error);

    [Fact]
    [Trait("cli", "7 naming: two of one name")]
    public void A_name_that_two_bear_is_refused_with_both()
    {
        LocalProblem problem = Resolve("bob", [Bob, Member(Key(5), "bob")]).Problem!;
        Assert.Equal(LocalErrors.AmbiguousName, problem.Error);
        Assert.Equal([Bob.Key.ToString(), Key(5).ToString()], problem.Candidates!.Select(candidate => candidate.Address));
    }

    [Fact]
    public void A_name_that_is_the_beginning_of_anothers_key_is_refused_with_both()
    {
        LocalProblem problem = Resolve("0202", [Bob, Member(Key(5), "0202")]).Problem!;
        Assert.Equal(LocalErrors.AmbiguousName, problem.Error);
        Assert.Equal(2, problem.Candidates!.Count);
    }

    [Fact]
    public void Oneself_is_refused_unless_it_is_meant()
    {
        Assert.Equal(LocalErrors.RecipientIsSelf, Resolve("alice", [Myself]).Problem!.Error);
        Assert.Equal(LocalErrors.RecipientIsSelf, Resolve(Me.ToString(), [Myself]).Problem!.Error);
        Assert.Equal(Me, Assert.Single(Resolve("alice", [Myself], toSelf: true).Recipients).Key);
    }

    [Fact]
    public void A_session_is_an_address_inside_its_member()
    {
        Recipient recipient = Assert.Single(Resolve("reviewer", [Bob], Session(Key(7), Bob, "Reviewer")).Recipients);
        Assert.Equal(new Recipient("Reviewer", Bob.Key, Key(7), Box: false, Online: true), recipient);
    }

    [Fact]
    public void A_session_named_like_its_member_does_not_make_the_name_ambiguous() =>
        Assert.Null(Assert.Single(Resolve("bob", [Bob], Session(Key(7), Bob, "bob")).Recipients).Session);

    [Fact]
    public void A_legacy_member_gets_a_box_and_so_do_its_sessions()
    {
        Assert.Equal(new Recipient("dave", Dave.Key, null, Box: true, Online: false), Assert.Single(Resolve("dave", [Dave]).Recipients));
        Recipient session = Assert.Single(Resolve("old-cli", [Dave], Session(Key(8), Dave, "old-cli", version3: false)).Recipients);
        Assert.Equal(new Recipient("old-cli", Key(8), null, Box: true, Online: true), session);
    }

    [Fact]
    public void A_person_is_never_written_to_as_a_1x_session_because_the_broker_says_so() =>
        Assert.Equal(LocalErrors.UnsafeRecipient, Resolve("old-cli", [Bob], Session(Key(8), Bob, "old-cli", version3: false)).Problem!.Error);

    [Fact]
    public void A_whole_key_that_nobody_is_known_by_gets_a_box() =>
        Assert.True(Assert.Single(Resolve(Key(9).ToString(), [Bob]).Recipients).Box);

    [Fact]
    public void Everyone_is_every_other_member_once() =>
        Assert.Equal([Bob.Key, Carol.Key, Dave.Key], Resolve("*", [Myself, Bob, Carol, Dave], Session(Key(7), Bob, "s")).Recipients.Select(one => one.Key));

    [Theory]
    [InlineData("@eng", new[] { "Bob", "dave" })]
    [InlineData("@eng/backend", new[] { "Bob" })]
    [InlineData("tag:repo:billing", new[] { "Bob" })]
    public void A_group_reaches_who_is_in_it_or_below_it_and_a_tag_who_has_it(string to, string[] names) =>
        Assert.Equal(names, Resolve(to, [Myself, Bob, Carol, Dave]).Recipients.Select(one => one.Name));

    [Fact]
    public void A_group_that_only_a_session_is_in_reaches_that_session()
    {
        RosterPeer session = Session(Key(7), Carol, "reviewer") with { Groups = [new GroupTag("review")] };
        Recipient recipient = Assert.Single(Resolve("@review", [Myself, Carol], session).Recipients);
        Assert.Equal((Carol.Key, (PublicKey?)Key(7)), (recipient.Key, recipient.Session));
    }

    [Fact]
    [Trait("cli", "7 leaks: one inbox for all sessions")]
    public void What_a_session_alone_shares_reaches_no_other_session_of_its_member_although_the_broker_lists_it_for_both()
    {
        RosterPeer session = Session(Key(7), Carol, "reviewer") with { Groups = [new GroupTag("review")] };
        RosterPeer device = Session(Carol.Key, Carol, "carol");
        RosterMember listed = Carol with { Groups = ["review"] };

        Assert.Equal((PublicKey?)Key(7), Assert.Single(Resolve("@review", [Myself, listed], session, device).Recipients).Session);
        Assert.Null(Assert.Single(Resolve("@review", [Myself, listed], session, device with { Groups = session.Groups }).Recipients).Session);
        Assert.Null(Assert.Single(Resolve("@review", [Myself, listed], session).Recipients).Session);
    }

    [Theory]
    [InlineData("@nobody")]
    [InlineData("@en")]
    [InlineData("tag:repo")]
    public void A_group_or_tag_of_nobody_is_refused(string to) => Assert.Equal(LocalErrors.NoRecipients, Resolve(to, [Myself, Bob]).Problem!.Error);

    [Fact]
    public void A_group_is_not_guessed_at_while_the_broker_cannot_be_asked()
    {
        var book = new AddressBook("acme", Me, new Roster([Bob], [], Complete: false));
        Assert.Equal(LocalErrors.BrokerUnreachable, book.Resolve("@eng", toSelf: false).Problem!.Error);
        Assert.Single(book.Resolve("bob", toSelf: false).Recipients);
    }

    private static Addressed Resolve(string to, RosterMember[] members, params RosterPeer[] peers) => Resolve(to, members, false, peers);

    private static Addressed Resolve(string to, RosterMember[] members, bool toSelf, params RosterPeer[] peers) =>
        new AddressBook("acme", Me, new Roster(members, peers, Complete: true)).Resolve(to, toSelf);

    private static PublicKey Key(byte fill)
    {
        byte[] bytes = new byte[PublicKey.Size];
        Array.Fill(bytes, fill);
        return new PublicKey(bytes);
    }

    private static RosterMember Member(PublicKey key, string name) => new(key, name, name, "member", MemberKinds.Person, false, null, [], []);

    private static RosterPeer Session(PublicKey key, RosterMember member, string name, bool version3 = true) =>
        new(key, member.Key, name, version3, name, "idle", null, [], [], null, null, null, default);
}
