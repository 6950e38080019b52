using System.Buffers;
using System.Text;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Outbox;

/// <summary>What a send must be before anybody is looked up.</summary>
internal static class SendRules
{
    private const int AddressCharsMax = 192;
    private const int IdCharsMax = 64;
    private const int ReplyToCharsMax = 64;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");

    public static LocalProblem? FindFault(SendMessage request)
    {
        if (request.To.Trim() is not { Length: > 0 and <= AddressCharsMax } to || to.Any(char.IsControl))
            return Invalid($"to must be 1 to {AddressCharsMax} characters in one line.");
        if (request.Mentions is { Count: > 0 } && !to.StartsWith('#'))
            return Invalid("mentions are for a post in a topic.");
        if (request.Text.Length == 0)
            return Invalid("text must not be empty.");
        if (Encoding.UTF8.GetByteCount(request.Text) > LocalLimits.TextBytesMax)
            return LocalProblem.Of(LocalErrors.PayloadTooLarge, $"A text has at most {LocalLimits.TextBytesMax} bytes in UTF-8.", 413, ExitCode.BadArguments);
        if (request.Priority is not (Priorities.Now or Priorities.Next or Priorities.Low))
            return Invalid("priority must be now, next or low.");
        if (request.ClientMessageId is { } id && !IsId(id, IdCharsMax))
            return Invalid($"client_message_id must be 1 to {IdCharsMax} letters, digits, - or _.");
        if (request.ReplyTo is { } replyTo && !IsId(replyTo, ReplyToCharsMax))
            return Invalid($"reply_to must be 1 to {ReplyToCharsMax} letters, digits, - or _.");
        if (request.Wait is not (null or MessageStates.Accepted or MessageStates.Delivered or MessageStates.Surfaced or MessageStates.Read))
            return Invalid("wait must be accepted, delivered, surfaced or read.");

        return request.WaitMilliseconds >= 0 && request.WaitMilliseconds <= LocalLimits.WaitMax.TotalMilliseconds
            ? null
            : Invalid($"wait_milliseconds must be 0 to {LocalLimits.WaitMax.TotalMilliseconds}.");
    }

    public static bool IsId(string text, int charsMax) => text.Length > 0 && text.Length <= charsMax && !text.AsSpan().ContainsAnyExcept(IdCharacters);

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
