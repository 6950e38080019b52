using System.Text;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>The text of a message as it is typed: words, or <c>-</c> for standard input.</summary>
internal static class MessageText
{
    private const long CountedMax = 64 * 1024 * 1024;

    public static LocalProblem? FindTooPatient(TimeSpan patience) =>
        patience > LocalLimits.WaitMax ? Problems.Bad($"--timeout is at most {LocalLimits.WaitMax.TotalMinutes:0}m.") : null;

    public static async Task<(string Text, LocalProblem? Problem)> ReadAsync(Terminal terminal, string[] words, CancellationToken cancellationToken)
    {
        string text = string.Join(' ', words);
        if (words is ["-"])
        {
            (string? read, LocalProblem? problem) = await ReadInputAsync(terminal, cancellationToken);
            if (read is null)
                return ("", problem);

            text = read;
        }

        if (string.IsNullOrWhiteSpace(text))
            return ("", Problems.Bad("There is nothing to send: the text is empty."));

        int length = Encoding.UTF8.GetByteCount(text);
        return length > LocalLimits.TextBytesMax ? ("", TooLong($"has {length:N0} bytes")) : (text, null);
    }

    private static async Task<(string? Text, LocalProblem? Problem)> ReadInputAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        await using Stream input = terminal.OpenInput();
        // One byte more than fits tells "too long" from "just fits", and a line break at the end does not count.
        byte[] bytes = new byte[LocalLimits.TextBytesMax + 3];
        int length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == bytes.Length)
        {
            long all = length + await CountRestAsync(input, cancellationToken);
            return (null, TooLong($"from standard input has {(all < CountedMax ? "" : "more than ")}{all:N0} bytes"));
        }

        try
        {
            string text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return (text.EndsWith('\n') ? text[..^(text.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : 1)] : text, null);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problems.Bad("Standard input is not UTF-8 text."));
        }
    }

    /// <summary>How much more there is, as far as it is worth knowing: an input may have no end.</summary>
    private static async Task<long> CountRestAsync(Stream input, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        long count = 0;
        while (count < CountedMax && await input.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            count += read;

        return count;
    }

    private static LocalProblem TooLong(string how) =>
        LocalProblem.Of(LocalErrors.PayloadTooLarge, $"The text {how}; a message has at most {LocalLimits.TextBytesMax:N0}.", 413, ExitCode.BadArguments);
}
