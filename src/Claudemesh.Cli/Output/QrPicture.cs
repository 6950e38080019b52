using System.Collections;
using System.Text;
using QRCoder;

namespace Claudemesh.Cli.Output;

/// <summary>A QR code for a terminal: two modules to a character, light on dark or dark on light as the terminal is.</summary>
internal static class QrPicture
{
    /// <returns>Null when the picture is wider than <paramref name="columnsMax"/>.</returns>
    public static string? Draw(string text, int columnsMax)
    {
        // The lowest level of correction: a screen has no dirt on it, and fewer modules fit more terminals.
        using QRCodeData code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        List<BitArray> rows = code.ModuleMatrix;
        int width = rows[0].Count;
        if (width > columnsMax)
            return null;

        // The quiet zone around the code is part of the matrix. Light modules are drawn, so that the code is right side out on a dark terminal;
        // readers take the other side too.
        var picture = new StringBuilder();
        for (int y = 0; y < rows.Count; y += 2)
        {
            for (int x = 0; x < width; x++)
            {
                bool isUpperLight = !rows[y][x];
                bool isLowerLight = y + 1 >= rows.Count || !rows[y + 1][x];
                picture.Append((isUpperLight, isLowerLight) switch
                {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    _ => ' ',
                });
            }

            picture.Append('\n');
        }

        return picture.ToString();
    }
}
