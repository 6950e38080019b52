using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.TopicKeys;

/// <summary>A topic's key as its maker named it, and who has a copy of it to which key of his.</summary>
internal sealed record TopicKey(int Generation, PublicKey Pubkey, IReadOnlyDictionary<MemberNo, PublicKey> Copies);

/// <summary>A copy as a sealer brings it.</summary>
/// <param name="To">The recipient's member key as it is now.</param>
internal sealed record TopicKeySeal(MemberNo Recipient, PublicKey To, MemberNo SealedBy, byte[] Copy, byte[] Nonce);

internal sealed record TopicKeyCopy(PublicKey To, MemberNo SealedBy, byte[] Copy, byte[] Nonce, Instant SealedAt);

/// <summary>Keys of topics as 1.x has them. What is in a copy is for its recipient; the broker only knows whose it is and who brought it.</summary>
internal sealed class TopicKeyStore(Database database)
{
    /// <summary>Null where nobody has claimed one.</summary>
    public ValueTask<TopicKey?> FindAsync(TopicNo topic, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, topic), cancellationToken);

    /// <summary>The copy of the topic's present key that a member has, be it to a key that he has no longer.</summary>
    public ValueTask<TopicKeyCopy?> FindCopyAsync(TopicNo topic, MemberNo member, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            """
            SELECT c.recipient, c.sealed_by, c.copy, c.nonce, c.sealed_at FROM topic_key_copy c
            JOIN topic_key k ON k.topic_no = c.topic_no AND k.generation = c.generation
            WHERE c.topic_no = @topic AND c.member_no = @member
            """,
            static row => new TopicKeyCopy(
                PublicKey.Parse(row.GetString(0)),
                new MemberNo(row.GetInt64(1)),
                row.GetFieldValue<byte[]>(2),
                row.GetFieldValue<byte[]>(3),
                new Instant(row.GetInt64(4))),
            ("@topic", topic.Value), ("@member", member.Value)),
        cancellationToken);

    /// <summary>Gives the topic a key, with its maker's own copy, unless it has one that somebody holds.</summary>
    /// <param name="isHeld">Whether one of these members, with these keys, can still open his copy.</param>
    /// <returns>The key that the topic has already; null when it has the new one now.</returns>
    public Task<TopicKey?> ClaimAsync(
        TopicNo topic, PublicKey pubkey, TopicKeySeal own, Func<TopicKey, bool> isHeld, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            TopicKey? known = Find(scope.Sql, topic);
            if (known is not null && isHeld(known))
                return known;

            int generation = (known?.Generation ?? 0) + 1;
            scope.Sql.Execute(
                """
                INSERT INTO topic_key (topic_no, generation, pubkey, claimed_at) VALUES (@topic, @generation, @pubkey, @now)
                ON CONFLICT (topic_no) DO UPDATE SET generation = excluded.generation, pubkey = excluded.pubkey, claimed_at = excluded.claimed_at
                """,
                ("@topic", topic.Value), ("@generation", (long)generation), ("@pubkey", pubkey.ToString()), ("@now", scope.Now.Micros));
            Put(scope, topic, generation, own);
            return null;
        },
        cancellationToken);

    /// <summary>Keeps a copy that one who has the key has sealed for one who has not. A copy to the recipient's present key is replaced by himself only.</summary>
    /// <param name="sealer">His member key as it is now.</param>
    /// <returns>When, or why not.</returns>
    public Task<(Instant? At, MeshError? Refusal)> SealAsync(TopicNo topic, TopicKeySeal seal, PublicKey sealer, CancellationToken cancellationToken) => database.WriteAsync(
        (Func<WriteScope, (Instant?, MeshError?)>)(scope =>
        {
            if (Find(scope.Sql, topic) is not { } key)
                return (null, MeshError.TopicUnencrypted);
            if (!key.Copies.TryGetValue(seal.SealedBy, out PublicKey his) || his != sealer)
                return (null, MeshError.TopicKeyNotHeld);
            if (seal.Recipient != seal.SealedBy && key.Copies.TryGetValue(seal.Recipient, out PublicKey there) && there == seal.To)
                return (null, MeshError.AlreadySealed);

            Put(scope, topic, key.Generation, seal);
            return (scope.Now, null);
        }),
        cancellationToken);

    /// <summary>A member gives his copy back, because he cannot open it.</summary>
    public Task<bool> DropAsync(TopicNo topic, MemberNo member, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute(
            "DELETE FROM topic_key_copy WHERE topic_no = @topic AND member_no = @member", ("@topic", topic.Value), ("@member", member.Value)) > 0,
        cancellationToken);

    private static TopicKey? Find(Sql sql, TopicNo topic)
    {
        var key = sql.Find(
            "SELECT generation, pubkey FROM topic_key WHERE topic_no = @topic",
            static row => new { Generation = (int)row.GetInt64(0), Pubkey = PublicKey.Parse(row.GetString(1)) },
            ("@topic", topic.Value));
        return key is null ? null : new TopicKey(key.Generation, key.Pubkey, sql.List(
            "SELECT member_no, recipient FROM topic_key_copy WHERE topic_no = @topic AND generation = @generation",
            static row => (new MemberNo(row.GetInt64(0)), PublicKey.Parse(row.GetString(1))),
            ("@topic", topic.Value), ("@generation", (long)key.Generation)).ToDictionary());
    }

    private static void Put(WriteScope scope, TopicNo topic, int generation, TopicKeySeal seal) => scope.Sql.Execute(
        """
        INSERT INTO topic_key_copy (topic_no, member_no, generation, recipient, sealed_by, copy, nonce, sealed_at)
        VALUES (@topic, @member, @generation, @recipient, @sealer, @copy, @nonce, @now)
        ON CONFLICT (topic_no, member_no) DO UPDATE SET generation = excluded.generation, recipient = excluded.recipient,
          sealed_by = excluded.sealed_by, copy = excluded.copy, nonce = excluded.nonce, sealed_at = excluded.sealed_at
        """,
        ("@topic", topic.Value), ("@member", seal.Recipient.Value), ("@generation", (long)generation), ("@recipient", seal.To.ToString()),
        ("@sealer", seal.SealedBy.Value), ("@copy", seal.Copy), ("@nonce", seal.Nonce), ("@now", scope.Now.Micros));
}
