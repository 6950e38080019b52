using CsCheck;

namespace Claudemesh.Crypto.Tests;

public sealed class HmacSha256KeyTests
{
    [Fact]
    public void A_key_that_is_kept_gives_the_same_tags_each_time() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[0, 200]).Sample((bytes, input) =>
        {
            using HmacSha256Key key = new(bytes);
            byte[] expected = new byte[HmacSha256.Size];
            HmacSha256.Compute(bytes, input, expected);
            byte[] first = new byte[HmacSha256.Size];
            byte[] second = new byte[HmacSha256.Size];
            key.Compute(input, first);
            key.Compute(input, second);
            return first.AsSpan().SequenceEqual(expected) && second.AsSpan().SequenceEqual(expected);
        });

    [Fact]
    public void A_key_that_was_wiped_gives_nothing()
    {
        HmacSha256Key key = new(new byte[32]);
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Compute([1], new byte[HmacSha256.Size]));
    }
}
