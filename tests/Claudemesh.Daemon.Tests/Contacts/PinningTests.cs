using Claudemesh.Daemon.Contacts;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Tests.Contacts;

public sealed class PinningTests
{
    private static readonly PublicKey Key1 = new(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly PublicKey Key2 = new(Enumerable.Repeat((byte)2, 32).ToArray());

    [Fact]
    public void The_first_key_seen_for_a_member_is_pinned()
    {
        PinnedListing listing = Pinning.Merge([], [Member(Key1, "m1", MemberKinds.Person)]);
        Assert.Equal(new Contact(Key1, "m1", "bob", MemberKinds.Person), Assert.Single(listing.Changed));
        Assert.Single(listing.Members);
    }

    [Fact]
    public void Another_key_for_a_pinned_member_is_not_used()
    {
        PinnedListing listing = Pinning.Merge([new Contact(Key1, "m1", "bob", MemberKinds.Person)], [Member(Key2, "m1", MemberKinds.Person)]);
        Assert.Empty(listing.Members);
        Assert.Empty(listing.Changed);
        Assert.Equal(Key2, Assert.Single(listing.Replaced).Key);
    }

    [Fact]
    public void Two_keys_for_one_member_in_one_listing_pin_the_first_only()
    {
        PinnedListing listing = Pinning.Merge([], [Member(Key1, "m1", MemberKinds.Person), Member(Key2, "m1", MemberKinds.Person)]);
        Assert.Equal(Key1, Assert.Single(listing.Members).Key);
        Assert.Single(listing.Replaced);
    }

    [Fact]
    public void A_person_stays_a_person_whatever_the_broker_says()
    {
        PinnedListing listing = Pinning.Merge([new Contact(Key1, "m1", "bob", MemberKinds.Person)], [Member(Key1, "m1", MemberKinds.Legacy)]);
        Assert.Equal(MemberKinds.Person, Assert.Single(listing.Members).Kind);
        Assert.Single(listing.Downgraded);
        Assert.Empty(listing.Changed);
    }

    [Fact]
    public void A_legacy_member_that_proves_its_key_becomes_a_person()
    {
        PinnedListing listing = Pinning.Merge([new Contact(Key1, "m1", "bob", MemberKinds.Legacy)], [Member(Key1, "m1", MemberKinds.Person)]);
        Assert.Equal(MemberKinds.Person, Assert.Single(listing.Changed).Kind);
    }

    [Fact]
    public void A_listing_that_says_nothing_new_writes_nothing() =>
        Assert.Empty(Pinning.Merge([new Contact(Key1, "m1", "bob", MemberKinds.Person)], [Member(Key1, "m1", MemberKinds.Person)]).Changed);

    private static RosterMember Member(PublicKey key, string id, string kind) => new(key, id, "bob", "member", kind, true, null, [], []);
}
