using System.Globalization;
using System.Text.RegularExpressions;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>How a post is printed for people: one line of circumstances with the text, and below it what it answers.</summary>
internal sealed partial class PostLines(Surroundings around)
{
    private const int IdLengthShown = 8;
    private const string Lock = "\U0001F512";

    /// <summary>Enough to name it with <c>--before</c> and <c>--reply-to</c>: the broker's ids begin with their place.</summary>
    public static string ShortId(Post post) => PlainText.Line(post.Id[..Math.Min(IdLengthShown, post.Id.Length)]);

    public void Print(Post post)
    {
        Terminal terminal = around.Terminal;
        string mark = !post.Encrypted ? terminal.Highlight("[not encrypted]") : post.Verified || post.Text is null ? Lock : Lock + "?";
        string name = PlainText.Line(post.Sender);
        string text = post.Text is { } said ? Highlight(PlainText.Block(said, "  ").TrimStart(' '), post) : $"(could not be read: {PlainText.Line(post.Unreadable ?? "")})";
        terminal.WriteLine($"{terminal.Dim(Time(post.SentAt))} {terminal.Bold(name)} {terminal.Dim("#" + ShortId(post))} {mark} {text}");
        if (post.ReplyTo is { } id)
            terminal.WriteLine(terminal.Dim($"  \u21B3 in reply to {ReplyWords(post.Reply, id)}"));
    }

    private static string ReplyWords(ReplyExcerpt? reply, string id) => reply switch
    {
        null => $"#{PlainText.Line(id[..Math.Min(IdLengthShown, id.Length)])}",
        { Text: { } text } => $"{PlainText.Line(reply.Sender)}: \"{PlainText.Line(text)}\"",
        _ => $"{PlainText.Line(reply.Sender)}, which could not be read",
    };

    private string Time(DateTimeOffset at)
    {
        DateTimeOffset local = TimeZoneInfo.ConvertTime(at, around.Clock.LocalTimeZone);
        bool isToday = local.Date == around.Clock.GetLocalNow().Date;
        return local.ToString(isToday ? "HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    // Only who is signed as mentioned stands out, whatever else has an @ before it.
    private string Highlight(string text, Post post) => post.Mentions.Count == 0
        ? text
        : Mention().Replace(text, found => post.Mentions.Contains(found.Groups["name"].Value.ToLowerInvariant(), StringComparer.Ordinal)
            ? around.Terminal.Highlight(found.Value)
            : found.Value);

    [GeneratedRegex("(?<![A-Za-z0-9_-])@(?<name>[A-Za-z0-9_-]{1,64})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mention();
}
