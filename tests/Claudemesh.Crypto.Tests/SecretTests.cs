using System.Collections.Concurrent;
using Claudemesh.Protocol;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Crypto.Tests;

public sealed class SecretTests
{
    [Fact]
    public void A_secret_says_nothing_of_its_bytes_and_is_wiped_when_disposed()
    {
        SecretBytes secret = new([1, 2, 3, 4]);
        Span<byte> inside = secret.Writable;
        Assert.Equal("(secret)", secret.ToString());
        secret.Dispose();
        secret.Dispose();
        Assert.Equal([0, 0, 0, 0], inside.ToArray());
        Assert.Throws<ObjectDisposedException>(() => secret.Expose().Length);
    }

    [Fact]
    public void No_secret_type_shows_bytes_in_its_text()
    {
        using AccountSecret account = Vectors.Account();
        using MemberSecretKey member = Vectors.Member();
        using RootKey root = Vectors.Root();
        Assert.Equal("(account secret)", account.ToString());
        Assert.Equal($"(member key of {member.Public})", member.ToString());
        Assert.Equal("(root key of mesh, epoch 1)", root.ToString());
        Assert.DoesNotContain(Convert.ToHexStringLower(member.Key.ExposeSeed()), member.Key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_key_signs_nothing()
    {
        SigningKey key = SigningKey.Generate();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("text"u8));
    }

    [Fact]
    public void Ids_have_32_characters_of_62_and_do_not_repeat()
    {
        string[] ids = Enumerable.Range(0, 1000).Select(_ => RandomBytes.NextId()).ToArray();
        Assert.All(ids, id => Assert.Matches("^[0-9A-Za-z]{32}$", id));
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(62, ids.SelectMany(id => id).Distinct().Count());
    }

    [Fact]
    public void Uuids_are_version_7_and_sort_by_time()
    {
        FakeTimeProvider clock = new(DateTimeOffset.FromUnixTimeMilliseconds(0x0123456789ab));
        Guid first = RandomBytes.NextUuid(clock);
        Assert.StartsWith("01234567-89ab-7", first.ToString(), StringComparison.Ordinal);
        Assert.Contains(first.ToString()[19], "89ab");
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(string.CompareOrdinal(first.ToString(), RandomBytes.NextUuid(clock).ToString()) < 0);
        Assert.NotEqual(RandomBytes.NextUuid(clock), RandomBytes.NextUuid(clock));
    }

    [Fact]
    public void Padding_comes_off_again_and_only_padding_does() =>
        Gen.Byte.Array[0, 200].Sample(text =>
        {
            byte[] buffer = new byte[Padding.PaddedLength(text.Length)];
            Array.Fill(buffer, (byte)0xee);
            text.CopyTo(buffer, 0);
            Padding.Pad(buffer, text.Length);
            Assert.True(Padding.TryUnpad(buffer, out int length));
            Assert.Equal(text.Length, length);
            Assert.False(Padding.TryUnpad(buffer.AsSpan(0, buffer.Length - 1), out _));
            Assert.False(Padding.TryUnpad(new byte[64], out _));
        });

    [Fact]
    public void Comparing_in_constant_time_compares()
    {
        Assert.True(ConstantTime.Equal([1, 2], [1, 2]));
        Assert.True(ConstantTime.Equal([], []));
        Assert.False(ConstantTime.Equal([1, 2], [1, 3]));
        Assert.False(ConstantTime.Equal([1, 2], [1]));
    }

    [Fact]
    public async Task Shared_keys_are_right_whoever_asks_and_however_few_are_kept()
    {
        using SigningKey own = Vectors.A();
        using PairKeys pairs = new(own, Vectors.Mesh, capacity: 3);
        PublicKey[] peers = Enumerable.Range(1, 8).Select(n => SigningKey.FromSeed([.. Enumerable.Repeat((byte)n, 32)]).Public).ToArray();
        byte[][] expected = peers.Select(peer => Direct(peer, own)).ToArray();
        ConcurrentBag<int> wrong = [];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            byte[] key = new byte[32];
            for (int i = 0; i < 200; i++)
            {
                int peer = (i * 7 + worker) % peers.Length;
                if (!pairs.TryCopyDirectKey(peers[peer], key) || !key.AsSpan().SequenceEqual(expected[peer]))
                    wrong.Add(peer);
            }
        })));
        Assert.Empty(wrong);

        static byte[] Direct(PublicKey peer, SigningKey own)
        {
            using PairKeys fresh = new(own, Vectors.Mesh);
            byte[] key = new byte[32];
            Assert.True(fresh.TryCopyDirectKey(peer, key));
            return key;
        }
    }

    [Fact]
    public void Safety_numbers_are_those_of_the_vectors_from_both_sides()
    {
        PublicKey member = Vectors.Key("keys.member_pub");
        PublicKey b = Vectors.Key("keys.b_pub");
        PublicKey a = Vectors.Key("legacy.a_pub");
        Assert.Equal(Vectors.Text("safety_number_member_b"), SafetyNumber.Of(Vectors.Mesh, member, b));
        Assert.Equal(Vectors.Text("safety_number_member_b"), SafetyNumber.Of(Vectors.Mesh, b, member));
        Assert.NotEqual(Vectors.Text("safety_number_member_b"), SafetyNumber.Of("mesh2", b, member));
        Assert.Equal(Vectors.Text("legacy.safety_number_a_b"), SafetyNumber.OfLegacy(a, b));
        Assert.Equal(Vectors.Text("legacy.safety_number_a_b"), SafetyNumber.OfLegacy(b, a));
    }

    [Fact]
    public void A_buffer_of_the_wrong_size_never_reaches_native_code()
    {
        Assert.Throws<ArgumentException>(() => Sha256.Hash("x"u8, new byte[31]));
        Assert.Throws<ArgumentException>(() => SigningKey.FromSeed(new byte[31]));
        Assert.Throws<ArgumentException>(() => XChaCha20Poly1305.Seal(new byte[31], new byte[24], [], [], new byte[16]));
        Assert.Throws<ArgumentException>(() => XChaCha20Poly1305.Seal(new byte[32], new byte[24], [], [], new byte[15]));
        Assert.Throws<ArgumentException>(() => SecretBox.Seal(new byte[32], new byte[23], []));
        Assert.Throws<ArgumentException>(() => X25519.PublicOf(new byte[32], new byte[31]));
    }
}
