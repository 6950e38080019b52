using System.Text;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>What is to be kept, as it was typed or from standard input.</summary>
internal static class TextInput
{
    /// <summary>The words of the line; a single <c>-</c> is what standard input holds.</summary>
    /// <param name="what">What it is to become, at the beginning of a sentence.</param>
    public static async Task<(string Text, LocalProblem? Problem)> ReadAsync(Terminal terminal, string what, string[] words, CancellationToken cancellationToken)
    {
        byte[] typed = words is ["-"] ? await ReadInputAsync(terminal, cancellationToken) : Encoding.UTF8.GetBytes(string.Join(' ', words));
        if (typed.Length > LocalLimits.KeptBytesMax)
        {
            return ("", LocalProblem.Of(
                LocalErrors.PayloadTooLarge, $"{what} has at most {LocalLimits.KeptBytesMax:N0} bytes, and this has more.", 413, ExitCode.BadArguments));
        }

        try
        {
            string text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(typed);
            return (words is ["-"] ? WithoutLastLineEnd(text) : text, null);
        }
        catch (DecoderFallbackException)
        {
            return ("", Problems.Bad("Standard input is not UTF-8 text."));
        }
    }

    /// <summary>At most one byte more than may be kept, and a line end: an input may have no end itself.</summary>
    private static async Task<byte[]> ReadInputAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        await using Stream input = terminal.OpenInput();
        byte[] bytes = new byte[LocalLimits.KeptBytesMax + 3];
        int length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return bytes[..length];
    }

    private static string WithoutLastLineEnd(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
