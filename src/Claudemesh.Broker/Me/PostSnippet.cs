using System.Text;
using System.Text.Unicode;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Me;

/// <summary>What of a plain post is shown in a list.</summary>
internal static class PostSnippet
{
    public const int CharsMax = 240;

    private const int CharsBefore = 60;

    public static bool IsPlain(Message post) => post.Envelope.BodyVersion <= 1;

    /// <summary>The text of a plain post; null for one that is encrypted, and where the body is no text.</summary>
    public static string? TextOf(Message post) => IsPlain(post) && Utf8.IsValid(post.Envelope.Body) ? Encoding.UTF8.GetString(post.Envelope.Body) : null;

    /// <param name="at">What it must show; 0: the beginning.</param>
    public static string? Of(string? text, int at = 0)
    {
        if (text is null || text.Length <= CharsMax)
            return text;

        int start = Math.Clamp(at - CharsBefore, 0, text.Length - CharsMax);
        int end = start + CharsMax;
        start += char.IsLowSurrogate(text[start]) ? 1 : 0;
        end -= char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return text[start..end];
    }
}
