using System.Text;
using Claudemesh.Protocol.Signing;
using CsCheck;

namespace Claudemesh.Protocol.Tests.Signing;

public sealed class SignedBytesTests
{
    [Fact]
    public void The_encoding_is_the_one_of_the_specification()
    {
        SignedBytes bytes = new(new byte[4]);
        bytes.Label("a");
        bytes.Text(string.Empty);
        bytes.Text("bc");
        Assert.Equal("000000016100000000000000026263", Convert.ToHexStringLower(bytes.Written));
        bytes.Dispose();
    }

    [Fact]
    public void Fields_come_back_as_they_were_written() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.String, Gen.Long[0, SignedBytes.NumberMax]).Sample((raw, text, number) =>
        {
            SignedBytes bytes = new(stackalloc byte[16]);
            bytes.Label("label");
            bytes.Field(raw);
            bytes.Text(text);
            bytes.Number(number);
            if (!bytes.IsWellFormed)
                return;

            Assert.True(SignedFields.TryOpen(bytes.Written, "label", out SignedFields fields));
            Assert.True(fields.TryField(out ReadOnlySpan<byte> readRaw));
            Assert.Equal(raw, readRaw.ToArray());
            Assert.True(fields.TryText(out string readText));
            Assert.Equal(text, readText);
            Assert.True(fields.TryNumber(out long readNumber));
            Assert.Equal(number, readNumber);
            Assert.True(fields.AtEnd);
        });

    [Fact]
    public void A_cut_text_never_reads_to_its_end()
    {
        byte[] whole = SignedBytes.Of(new MessageBody("text", "hello"));
        Assert.True(MessageBody.TryParse(whole, out _));
        for (int length = 0; length < whole.Length; length++)
            Assert.False(MessageBody.TryParse(whole.AsSpan(0, length), out _));
        Assert.False(MessageBody.TryParse([.. whole, 0], out _));
        Assert.False(MessageBody.TryParse([.. whole, 0, 0, 0, 0], out _));
    }

    [Fact]
    public void A_length_beyond_the_end_is_refused_however_large()
    {
        byte[] bytes = [.. SignedBytes.Of(new MessageBody("text", "hello"))];
        bytes[0] = 0xff;
        Assert.False(MessageBody.TryParse(bytes, out _));
        Assert.False(SignedFields.TryOpen([0x7f, 0xff, 0xff, 0xff, 1], "a", out _));
    }

    [Fact]
    public void Another_label_is_refused()
    {
        byte[] bytes = SignedBytes.Of(new MessageBody("text", "hello"));
        Assert.False(SignedFields.TryOpen(bytes, "claudemesh/body/4", out _));
        Assert.False(SignedFields.TryOpen(bytes, "claudemesh/body/", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("00")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("9007199254740992")]
    [InlineData("99999999999999999999")]
    [InlineData("١")]
    public void A_number_in_another_form_is_refused(string digits) =>
        Assert.False(SignedFields.TryParseNumber(Encoding.UTF8.GetBytes(digits), out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("9007199254740991", SignedBytes.NumberMax)]
    public void A_number_in_its_one_form_is_read(string digits, long number)
    {
        Assert.True(SignedFields.TryParseNumber(Encoding.UTF8.GetBytes(digits), out long read));
        Assert.Equal(number, read);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_no_text()
    {
        Assert.True(SignedFields.TryOpen([0, 0, 0, 1, (byte)'a', 0, 0, 0, 1, 0xff], "a", out SignedFields fields));
        Assert.False(fields.TryText(out _));
    }

    [Fact]
    public void Half_a_character_has_no_encoding()
    {
        Assert.All(
            ["\ud800", "a\udc00b", "\udc00\ud800"],
            text => Assert.Throws<ArgumentException>(() => SignedBytes.Of(new MessageBody("text", text))));
        Assert.Equal("x😀y", Read("x😀y"));

        static string Read(string text)
        {
            Assert.True(MessageBody.TryParse(SignedBytes.Of(new MessageBody("text", text)), out MessageBody? body));
            return body!.Text;
        }
    }

    [Fact]
    public void Our_texts_can_never_be_read_as_those_of_1x()
    {
        PublicKey key = PublicKey.Parse("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
        Assert.Equal(0, SignedBytes.Of(new HelloText("mesh1", key, new byte[32], 1))[0]);
        Assert.Equal(
            "mesh1|member1|03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8|1700000000000",
            Encoding.UTF8.GetString(SignedBytes.Of(new LegacyHello("mesh1", "member1", key, 1700000000000))));
    }
}
