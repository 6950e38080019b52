using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using CsCheck;

namespace Claudemesh.Broker.Tests.Messaging;

public sealed class MessageIdsTests
{
    private static readonly MeshNo Mesh = new(3);
    private static readonly MessageIds Ids = new(Mesh, Key(1), [Of(first: 1, fill: 0x11)]);

    // The position, then three big-endian words of HMAC-SHA256(key, mesh ‖ incarnation ‖ position), each modulo 62^8, computed apart.
    [Theory]
    [InlineData(1, "00000001qeDos6vToFqExfVtuKEMpkD4")]
    [InlineData(4_294_967_296, "004gfFC4gM7YGdykyWsfUsVw4h4bWIDX")]
    [InlineData(MessageRef.PositionMax, "0JMAIjoVi9Y1J7jZcOKkdB6oAbKmPV2u")]
    public void Ids_are_what_the_delivery_engine_says(long position, string expected)
    {
        Assert.Equal(expected, Ids.Of(new MessageRef(Mesh, position)).Value);
    }

    [Fact]
    public void Every_id_finds_its_message_again_whole_or_by_its_beginning() =>
        Gen.Select(Gen.Long[1, MessageRef.PositionMax], Gen.Int[MessageIds.PrefixLengthMin, MessageId.Length]).Sample((position, length) =>
        {
            MessageRef message = new(Mesh, position);
            MessageId id = Ids.Of(message);
            return Ids.TryFind(id, out MessageRef found) && found == message
                && Ids.TryFindPrefix(id.Value.AsSpan(0, length), out MessageRef begun) && begun == message;
        });

    [Fact]
    public void A_changed_character_is_never_a_message() =>
        Gen.Select(Gen.Long[1, MessageRef.PositionMax], Gen.Int[0, MessageId.Length - 1], Gen.Int[1, 61]).Sample((position, at, by) =>
        {
            const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            char[] text = Ids.Of(new MessageRef(Mesh, position)).Value.ToCharArray();
            text[at] = Digits[(Digits.IndexOf(text[at], StringComparison.Ordinal) + by) % Digits.Length];
            return MessageId.TryParse(new string(text), out MessageId forged)
                && !Ids.TryFind(forged, out _) && !Ids.TryFindPrefix(text, out _);
        });

    [Fact]
    public void Ids_sort_like_their_positions() =>
        Gen.Select(Gen.Long[1, MessageRef.PositionMax], Gen.Long[1, MessageRef.PositionMax]).Sample((one, other) =>
            Math.Sign(string.CompareOrdinal(Ids.Of(new MessageRef(Mesh, one)).Value, Ids.Of(new MessageRef(Mesh, other)).Value))
            == Math.Sign(one.CompareTo(other)));

    [Fact]
    public void Another_workspace_broker_or_incarnation_has_other_ids()
    {
        MessageRef message = new(Mesh, 42);
        MessageId id = Ids.Of(message);

        Assert.False(new MessageIds(new MeshNo(4), Key(1), [Of(1, 0x11)]).TryFind(id, out _));
        Assert.False(new MessageIds(Mesh, Key(2), [Of(1, 0x11)]).TryFind(id, out _));
        Assert.False(new MessageIds(Mesh, Key(1), [Of(1, 0x12)]).TryFind(id, out _));
    }

    [Fact]
    public void A_new_incarnation_begins_at_its_first_position()
    {
        MessageIds renewed = new(Mesh, Key(1), [Of(1, 0x11), Of(100, 0x12), Of(200, 0x13)]);
        MessageIds last = new(Mesh, Key(1), [Of(1, 0x13)]);

        Assert.Equal(Ids.Of(new MessageRef(Mesh, 99)), renewed.Of(new MessageRef(Mesh, 99)));
        Assert.NotEqual(Ids.Of(new MessageRef(Mesh, 100)), renewed.Of(new MessageRef(Mesh, 100)));
        Assert.NotEqual(last.Of(new MessageRef(Mesh, 199)), renewed.Of(new MessageRef(Mesh, 199)));
        Assert.Equal(last.Of(new MessageRef(Mesh, 200)), renewed.Of(new MessageRef(Mesh, 200)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000001")]
    [InlineData("00000000")]
    [InlineData("zzzzzzzz")]
    [InlineData("0000000-")]
    [InlineData("0000000é")]
    [InlineData("000000010000000000000000000000000")]
    public void What_is_no_id_is_not_found(string text)
    {
        Assert.False(Ids.TryFindPrefix(text, out _));
    }

    private static HmacSha256Key Key(byte fill) => new([.. Enumerable.Repeat(fill, 32)]);

    private static Incarnation Of(long first, byte fill) => new(first, Enumerable.Repeat(fill, 16).ToArray());
}
