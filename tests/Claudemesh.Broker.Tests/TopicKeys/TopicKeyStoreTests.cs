using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Tests.Workspaces;
using Claudemesh.Broker.TopicKeys;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.TopicKeys;

public abstract class TopicKeyStoreTests : IDisposable
{
    private static readonly TopicNo Topic = new(7);
    private static readonly MemberNo Ann = new(1);
    private static readonly MemberNo Bob = new(2);

    private readonly TestDatabase database;
    private readonly TopicKeyStore keys;

    protected TopicKeyStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        keys = new TopicKeyStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Of_many_who_claim_at_once_one_has_made_the_key()
    {
        TopicKey?[] there = await Task.WhenAll(Enumerable.Range(1, 8).Select(no => ClaimAsync((byte)no, isHeld: true)));

        Assert.Single(there, static known => known is null);
        TopicKey key = (await keys.FindAsync(Topic, CancellationToken.None))!;
        Assert.Single(key.Copies);
        Assert.All(there.OfType<TopicKey>(), known => Assert.Equal(key.Pubkey, known.Pubkey));
    }

    [Fact]
    public async Task Copies_of_a_key_that_was_followed_by_another_count_no_longer()
    {
        await ClaimAsync(1, isHeld: true);
        await keys.SealAsync(Topic, Seal(Bob, Ann), TestRows.Key(1), CancellationToken.None);
        await ClaimAsync(3, isHeld: false);

        Assert.Equal([new MemberNo(3)], (await keys.FindAsync(Topic, CancellationToken.None))!.Copies.Keys);
        Assert.Null(await keys.FindCopyAsync(Topic, Bob, CancellationToken.None));
        Assert.Null(await keys.FindAsync(new TopicNo(8), CancellationToken.None));
    }

    [Fact]
    public async Task A_copy_says_to_which_key_it_is_sealed_by_whom_and_when()
    {
        await ClaimAsync(1, isHeld: true);

        (Instant? at, MeshError? refusal) = await keys.SealAsync(Topic, Seal(Bob, Ann), TestRows.Key(1), CancellationToken.None);
        TopicKeyCopy copy = (await keys.FindCopyAsync(Topic, Bob, CancellationToken.None))!;

        Assert.Null(refusal);
        Assert.Equal((TestRows.Key(2), Ann, at), (copy.To, copy.SealedBy, copy.SealedAt));
        Assert.Equal([2, 2], copy.Copy);
        Assert.True(await keys.DropAsync(Topic, Bob, CancellationToken.None));
        Assert.False(await keys.DropAsync(Topic, Bob, CancellationToken.None));
    }

    private static TopicKeySeal Seal(MemberNo to, MemberNo by)
    {
        byte fill = (byte)to.Value;
        return new TopicKeySeal(to, TestRows.Key(fill), by, [fill, fill], [fill]);
    }

    private Task<TopicKey?> ClaimAsync(byte member, bool isHeld) => keys.ClaimAsync(
        Topic, TestRows.Key(member), Seal(new MemberNo(member), new MemberNo(member)), _ => isHeld, CancellationToken.None);
}

public sealed class TopicKeyStoreOnSqliteTests() : TopicKeyStoreTests(Backend.Sqlite);

public sealed class TopicKeyStoreOnPostgresTests() : TopicKeyStoreTests(Backend.Postgres);
