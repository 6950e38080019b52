using Claudemesh.Cli.Output;

namespace Claudemesh.Cli.Tests.Output;

/// <summary>Pictures and tables made of characters.</summary>
public sealed class PictureTests
{
    [Fact]
    public void A_qr_code_has_its_three_finder_patterns_and_a_quiet_zone()
    {
        bool[][] dark = Modules(QrPicture.Draw("http://127.0.0.1:7900/join/token", 200)!);
        int size = dark[0].Length;

        Assert.All(Enumerable.Range(0, 4), edge => Assert.DoesNotContain(true, dark[edge]));
        foreach ((int top, int left) in new[] { (4, 4), (4, size - 11), (size - 11, 4) })
        {
            Assert.Equal("1111111", Row(dark, top, left));
            Assert.Equal("1000001", Row(dark, top + 1, left));
            Assert.Equal("1011101", Row(dark, top + 3, left));
            Assert.Equal("1111111", Row(dark, top + 6, left));
        }
    }

    [Fact]
    public void A_qr_code_that_does_not_fit_is_not_drawn() => Assert.Null(QrPicture.Draw(new string('x', 600), 80));

    [Fact]
    public void Columns_line_up_and_rows_end_with_their_last_word() =>
        Assert.Equal("a     b\nlong\n", Table.Of([["a", "b", ""], ["long", "", ""]]));

    private static string Row(bool[][] dark, int y, int x) => string.Concat(dark[y].Skip(x).Take(7).Select(module => module ? '1' : '0'));

    private static bool[][] Modules(string picture)
    {
        string[] lines = picture.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. lines.SelectMany(line => new[]
            {
                line.Select(character => character is not ('█' or '▀')).ToArray(),
                line.Select(character => character is not ('█' or '▄')).ToArray(),
            }),
        ];
    }
}
