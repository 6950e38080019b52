using System.Text;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Storage;

namespace Claudemesh.Broker.Tests.Accounts.Tokens;

/// <summary>
/// A refresh token is good once. The two rules that matter are shown for every order in which two holders of one token can come: they never both
/// go on, and an owner who is alone and loses answers goes on always.
/// </summary>
public abstract class RefreshChainTests : IDisposable
{
    private const long Session = 7;

    private readonly TestDatabase database;

    protected RefreshChainTests(Backend backend) => database = new TestDatabase(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Each_token_is_exchanged_once_for_the_next()
    {
        RefreshToken first = await BeginAsync();
        RefreshToken second = await NextAsync(first);
        RefreshToken third = await NextAsync(second);

        Assert.Equal(3, new[] { first.Reveal(), second.Reveal(), third.Reveal() }.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM refresh_chain"));
    }

    [Fact]
    public async Task A_token_whose_successor_was_used_ends_the_session()
    {
        RefreshToken first = await BeginAsync();
        RefreshToken second = await NextAsync(first);
        RefreshToken third = await NextAsync(second);

        Assert.True((await ExchangeAsync(first)).IsReuse);

        Assert.Equal(default, await ExchangeAsync(third));
        Assert.Equal(default, await ExchangeAsync(first));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task A_token_of_any_age_gives_its_session_away(int exchanges)
    {
        RefreshToken first = await BeginAsync();
        RefreshToken live = first;
        for (int i = 0; i < exchanges; i++)
            live = await NextAsync(live);

        Assert.True((await ExchangeAsync(first)).IsReuse);
        Assert.Equal(default, await ExchangeAsync(live));
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_within_a_minute_and_the_lost_token_is_good_no_longer()
    {
        RefreshToken first = await BeginAsync();
        RefreshToken lost = await NextAsync(first);
        database.Clock.Advance(TimeSpan.FromSeconds(60));
        RefreshToken second = await NextAsync(first);
        await NextAsync(second);

        Assert.True((await ExchangeAsync(lost)).IsReuse);
    }

    [Fact]
    public async Task Whoever_gets_the_lost_token_ends_the_session_also_before_the_other_is_used()
    {
        RefreshToken first = await BeginAsync();
        RefreshToken lost = await NextAsync(first);
        RefreshToken second = await NextAsync(first);

        Assert.True((await ExchangeAsync(lost)).IsReuse);
        Assert.Equal(default, await ExchangeAsync(second));
    }

    [Fact]
    public async Task A_repeat_does_not_make_the_minute_longer()
    {
        RefreshToken first = await BeginAsync();
        await NextAsync(first);
        database.Clock.Advance(TimeSpan.FromSeconds(50));
        await NextAsync(first);
        database.Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.True((await ExchangeAsync(first)).IsReuse);
    }

    [Fact]
    public async Task After_a_minute_a_repeat_ends_the_session_though_its_successor_was_never_used()
    {
        RefreshToken first = await BeginAsync();
        RefreshToken second = await NextAsync(first);
        database.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.True((await ExchangeAsync(first)).IsReuse);
        Assert.Equal(default, await ExchangeAsync(second));
    }

    [Fact]
    public async Task An_owner_who_is_alone_goes_on_however_many_answers_are_lost()
    {
        RefreshToken held = await BeginAsync();
        for (int i = 0; i < 20; i++)
        {
            for (int lost = 0; lost < i % 4; lost++)
                await NextAsync(held);

            held = await NextAsync(held);
            database.Clock.Advance(TimeSpan.FromMinutes(9));
        }
    }

    /// <summary>
    /// All orders of seven steps in which an owner and a thief, who has copied the owner's token at some time, each ask with the newest token he has,
    /// with answers that arrive or are lost, within the minute. Once both have gone on after the theft, neither is let on any more.
    /// </summary>
    [Fact]
    [Trait("wire", "7.3 #21")]
    public void Two_who_hold_one_token_never_both_go_on()
    {
        int tried = 0;
        foreach (int stolenAfter in (int[])[0, 1, 2])
        {
            for (int order = 0; order < 1 << (2 * Steps); order++)
            {
                Play(stolenAfter, order);
                tried++;
            }
        }

        Assert.Equal(3 << (2 * Steps), tried);
    }

    /// <summary>Tokens that are not this session's, and forms that are none.</summary>
    [Fact]
    public async Task What_is_no_token_of_a_session_is_told_nothing_and_ends_nothing()
    {
        RefreshToken live = await BeginAsync();

        Assert.Equal(default, await ExchangeAsync(RefreshToken.Begin()));
        foreach (string? text in (string?[])[null, "", "cmr_", "cm_" + new string('x', 44), "cmr_" + new string('!', 43), live.Reveal() + "A", live.Reveal()[..^1], "CMR_" + live.Reveal()[4..]])
            Assert.False(RefreshToken.TryParse(text, out _));

        await NextAsync(live);
    }

    [Fact]
    public void Of_all_texts_for_the_same_bytes_one_is_the_token()
    {
        RefreshToken token = RefreshToken.Begin();
        string text = token.Reveal();
        Assert.True(RefreshToken.TryParse(text, out RefreshToken read));
        Assert.Equal(token, read);

        const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Assert.Equal(1, Digits.Count(last => RefreshToken.TryParse(text[..^1] + last, out RefreshToken other) && other.Hash().AsSpan().SequenceEqual(token.Hash())));
        Assert.Equal(16, Digits.Count(last => RefreshToken.TryParse(text[..^1] + last, out _)));
    }

    [Fact]
    public void A_token_does_not_print()
    {
        RefreshToken token = RefreshToken.Begin();

        Assert.DoesNotContain(token.Reveal()[4..], $"{token} {new { token }}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_token_the_database_has_its_hash_alone()
    {
        RefreshToken first = await BeginAsync();
        RefreshToken second = await NextAsync(first);
        List<byte[]> kept = await database.Opened.ReadAsync(
            (Sql sql) => sql.List(
                "SELECT family_hash, live_hash, previous_hash FROM refresh_chain",
                static row => (byte[])[.. row.GetFieldValue<byte[]>(0), .. row.GetFieldValue<byte[]>(1), .. row.GetFieldValue<byte[]>(2)]),
            CancellationToken.None);

        byte[] bytes = Assert.Single(kept);
        Assert.Equal((byte[])[.. second.FamilyHash(), .. second.Hash(), .. first.Hash()], bytes);
        Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(second.Reveal())));
    }

    private const int Steps = 7;

    /// <summary>Two bits for each step: who asks, and whether he gets the answer. Only the rule is asked: a database would take hours.</summary>
    private static void Play(int stolenAfter, int order)
    {
        Instant now = new(1_000_000);
        Actor owner = new(), thief = new();
        RefreshToken first = RefreshToken.Begin();
        RefreshChain chain = new(Session, first.Hash(), null, null);
        owner.Held = first;
        bool isOver = false;
        for (int step = 0; step < Steps; step++)
        {
            if (step == stolenAfter)
                thief.Held = owner.Held;

            int bits = order >> (2 * step) & 3;
            Actor who = (bits & 1) == 0 || step < stolenAfter ? owner : thief;
            if (isOver)
                break;

            who.Asked |= step >= stolenAfter;
            RefreshStanding standing = chain.StandingOf(who.Held, now);
            if (standing is RefreshStanding.Reused)
            {
                // An owner who is alone is never thrown out: it takes a second holder who has asked.
                Assert.True(owner.Asked && thief.Asked, Describe(stolenAfter, order));
                isOver = true;
                continue;
            }

            RefreshToken next = who.Held.Next();
            chain = chain with
            {
                Previous = who.Held.Hash(),
                Live = next.Hash(),
                ExchangedAt = standing is RefreshStanding.Live ? now : chain.ExchangedAt,
            };
            if ((bits & 2) == 0)
                who.Held = next;
        }

        // Both may hold the same token, of which one exchange is left, or tokens of which one at most is good: never two that are.
        bool both = !isOver && IsGood(owner) && IsGood(thief);
        Assert.True(!both || owner.Held.Equals(thief.Held) || IsLastRepeat(owner, thief), Describe(stolenAfter, order));

        bool IsGood(Actor actor) => chain.StandingOf(actor.Held, now) is not RefreshStanding.Reused;

        // One holds the live token, the other the one it was given for: whichever comes next ends the other's.
        bool IsLastRepeat(Actor one, Actor other)
        {
            (Actor live, Actor late) = chain.StandingOf(one.Held, now) is RefreshStanding.Live ? (one, other) : (other, one);
            if (chain.StandingOf(live.Held, now) is not RefreshStanding.Live || chain.StandingOf(late.Held, now) is not RefreshStanding.Repeated)
                return false;

            RefreshChain liveFirst = chain with { Previous = live.Held.Hash(), Live = live.Held.Next().Hash(), ExchangedAt = now };
            RefreshChain lateFirst = chain with { Live = late.Held.Next().Hash() };
            return liveFirst.StandingOf(late.Held, now) is RefreshStanding.Reused && lateFirst.StandingOf(live.Held, now) is RefreshStanding.Reused;
        }
    }

    private static string Describe(int stolenAfter, int order) => $"stolen after {stolenAfter} steps, order {order:x}";

    private Task<RefreshToken> BeginAsync() => database.Opened.WriteAsync(scope => RefreshTokens.Begin(scope, Session), CancellationToken.None);

    private Task<RefreshExchange> ExchangeAsync(RefreshToken token) =>
        database.Opened.WriteAsync(scope => RefreshTokens.Exchange(scope, token), CancellationToken.None);

    private async Task<RefreshToken> NextAsync(RefreshToken token)
    {
        RefreshExchange exchange = await ExchangeAsync(token);
        Assert.Equal(Session, exchange.Session);
        return exchange.Next!.Value;
    }

    private sealed class Actor
    {
        public RefreshToken Held { get; set; }

        public bool Asked { get; set; }
    }
}

public sealed class RefreshChainOnSqliteTests() : RefreshChainTests(Backend.Sqlite);

public sealed class RefreshChainOnPostgresTests() : RefreshChainTests(Backend.Postgres);
