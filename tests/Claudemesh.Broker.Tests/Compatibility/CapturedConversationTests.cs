using Claudemesh.Broker.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// What 1.x clients said to a 1.x broker, said again to this one: each frame that they got is there, of the same shape and in
/// the same order for each connection and sender. What may differ stands in <see cref="Allowances"/>.
/// </summary>
/// <remarks>
/// Cut out of the recordings: in 19 the question after a message of an earlier file; in 20 the false <c>peer_left</c> of a member
/// who is there (wire reference 7.2, 25); in 20c, 21 and 22b messages of earlier files that had waited; in 21 and 21b what connections that
/// come back at one moment see of each other, which depends on who is first; in 22 the two hellos that were met with silence (7.2, 10:
/// <see cref="LegacyHandshakeTests"/> has what we say to them); in 23, which has 23b in it, the broken-off upgrade of <c>/ws?x=1</c>, which
/// is <c>/ws</c> to this broker, and the close with 1009; in 25 the end of the session that a cold verb threw out, and its return (7.2, 2).
/// Of 27 the hooks' HTTP is not here, see <see cref="HookedStatus"/>; 31 has pings only, see <see cref="LivenessTests"/>. The others are
/// about capabilities that are not here yet.
/// </remarks>
public sealed class CapturedConversationTests
{
    [Theory]
    [InlineData("03-daemon-up.jsonl")]
    [InlineData("04-session-hello.jsonl")]
    [InlineData("05-peer-list.jsonl")]
    [InlineData("06-dm-session-to-session.jsonl")]
    [InlineData("07-dm-to-member-key.jsonl")]
    [InlineData("08-dm-cold.jsonl")]
    [InlineData("09-offline-refused-then-delivered.jsonl")]
    [InlineData("09b-offline-in-lease.jsonl")]
    [InlineData("10-broadcast-group.jsonl")]
    [InlineData("11-group-join-leave.jsonl")]
    [InlineData("12-status-summary-visible.jsonl")]
    [InlineData("12b-visible-profile.jsonl")]
    [InlineData("13-state.jsonl")]
    [InlineData("14-memory.jsonl")]
    [InlineData("14b-memory-forget.jsonl")]
    [InlineData("19-message-status.jsonl")]
    [InlineData("20-kick.jsonl")]
    [InlineData("20b-disconnect.jsonl")]
    [InlineData("20c-ban.jsonl")]
    [InlineData("21-broker-restart.jsonl")]
    [InlineData("21b-broker-kill9.jsonl")]
    [InlineData("23-odd-frames.jsonl")]
    [InlineData("25-cold-steals-session.jsonl")]
    [InlineData("26-relogin-same-session.jsonl")]
    [InlineData("27-hook-status-gate.jsonl")]
    [Trait("cli", "7 auth: a door that asks nobody who he is")]
    public async Task A_recorded_conversation_goes_the_same_way_on_this_broker(string file) =>
        AssertNone(await Replay.RunAsync(file));

    /// <summary>Each hello has one mistake, and some of the mistakes are times: the broker's clock stands still for them.</summary>
    [Theory]
    [InlineData("22-bad-hello.jsonl")]
    [InlineData("22b-bad-session-hello.jsonl")]
    public async Task A_recorded_wrong_hello_is_refused_and_closed_with_the_code_it_was_refused_with_then(string file) =>
        AssertNone(await Replay.RunAsync(file, new FakeTimeProvider(TimeProvider.System.GetUtcNow())));

    /// <summary>The recorded broker's bound for a member, of which the file before had used one; ours is far above what anybody meets.</summary>
    [Fact]
    public async Task Where_a_member_may_send_as_little_as_then_the_same_messages_of_the_recording_are_refused() =>
        AssertNone(await Replay.RunAsync("24-rate-limit.jsonl", new FakeTimeProvider(TimeProvider.System.GetUtcNow()), services =>
            services.PostConfigure<MessagingOptions>(options => (options.SendsPerSecond, options.SendsBurst) = (1, 9))));

    private static void AssertNone(IReadOnlyList<string> differences) => Assert.True(differences.Count == 0, string.Join('\n', differences));
}
