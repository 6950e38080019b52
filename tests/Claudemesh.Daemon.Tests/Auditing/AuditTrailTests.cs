using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Auditing;

/// <summary>What alice's daemon makes of the audit chain that her broker shows, and of one that was tampered with.</summary>
public sealed class AuditTrailTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task The_owner_sees_what_was_done_with_names_and_a_member_does_not()
    {
        AuditListing listing = await ReadAsync();

        Assert.Equal(["workspace_created", "invite_created", "member_joined"], listing.Entries.Select(entry => entry.EventType));
        Assert.Equal(("alice", "bob"), (listing.Entries[1].Actor, listing.Entries[2].Actor));
        Assert.Equal("invite", listing.Entries[2].Via);
        Assert.Equal("forbidden", (await bob.Client.ReadAuditAsync("acme", 10, null, TimeSpan.Zero, default)).Problem!.Error);
    }

    [Fact]
    public async Task A_sound_chain_is_remembered_and_goes_on_from_there()
    {
        AuditCheck first = await CheckAsync();
        await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await alice.RestartAsync();
        AuditCheck second = await CheckAsync();

        Assert.Equal((true, 3, 0), (first.Sound, first.Entries, first.SeenSeq));
        Assert.Equal((true, 4, 3), (second.Sound, second.Entries, second.SeenSeq));
    }

    [Fact]
    public async Task Who_follows_is_told_as_soon_as_something_is_done()
    {
        AuditListing now = await ReadAsync();
        Task<LocalReply<AuditListing>> following = alice.Client.ReadAuditAsync("acme", 10, now.Seq, TimeSpan.FromMinutes(5), default);

        await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));

        Assert.Equal("invite_created", Assert.Single((await Ok.Async(following)).Entries).EventType);
        Assert.Empty((await Ok.Async(alice.Client.ReadAuditAsync("acme", 10, now.Seq + 1, TimeSpan.FromSeconds(1), default))).Entries);
    }

    [Theory]
    [InlineData("UPDATE audit_event SET payload = '{}' WHERE seq = 2", 2)]
    [InlineData("DELETE FROM audit_event WHERE seq = 1", 1)]
    [InlineData("DELETE FROM audit_event WHERE seq = 3", 3)]
    public async Task An_entry_that_was_changed_or_dropped_is_told(string tampering, long brokenAt)
    {
        await broker.TamperAsync(tampering);

        AuditCheck check = await CheckAsync();

        Assert.Equal((false, brokenAt), (check.Sound, check.BrokenAt));
        Assert.NotNull(check.Fault);
    }

    [Fact]
    public async Task An_end_that_was_cut_off_with_its_head_is_told_by_who_had_seen_it()
    {
        await CheckAsync();
        await broker.TamperAsync("DELETE FROM audit_event WHERE seq = 3");
        await broker.TamperAsync("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_event WHERE seq = 2)");

        AuditCheck check = await CheckAsync();
        LocalProblem tail = (await alice.Client.ReadAuditAsync("acme", 10, null, TimeSpan.Zero, default)).Problem!;

        Assert.Equal((false, 3, 3), (check.Sound, check.BrokenAt, check.SeenSeq));
        Assert.Contains("its end was cut off", check.Fault, StringComparison.Ordinal);
        Assert.Equal((LocalErrors.AuditBroken, (int)ExitCode.Denied), (tail.Error, tail.ExitCode));
    }

    [Fact]
    public async Task A_chain_that_was_written_anew_is_told_by_who_had_seen_the_other_even_where_it_is_sound_in_itself()
    {
        await CheckAsync();
        await broker.RewriteAuditAsync();
        await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));

        AuditCheck check = await CheckAsync();
        LocalProblem tail = (await alice.Client.ReadAuditAsync("acme", 10, null, TimeSpan.Zero, default)).Problem!;
        AuditCheck again = await CheckAsync();

        Assert.Equal((false, 3), (check.Sound, check.BrokenAt));
        Assert.Contains("written anew", check.Fault, StringComparison.Ordinal);
        Assert.Equal(LocalErrors.AuditBroken, tail.Error);
        Assert.False(again.Sound);
    }

    private Task<AuditListing> ReadAsync() => Ok.Async(alice.Client.ReadAuditAsync("acme", 50, null, TimeSpan.Zero, default));

    private Task<AuditCheck> CheckAsync() => Ok.Async(alice.Client.CheckAuditAsync("acme", default));
}
