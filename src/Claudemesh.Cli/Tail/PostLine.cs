using System.Globalization;
using System.Text;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tail;

/// <summary>
/// A post as one line for scripts: its time, workspace, topic, sender, how it came, its id and its text, with a tab between them. In the text a line's end is
/// <c>\n</c>, a tab <c>\t</c> and a backslash <c>\\</c>.
/// </summary>
internal static class PostLine
{
    public static string Of(Post post) => string.Join(
        '\t',
        post.SentAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        PlainText.Line(post.Workspace),
        "#" + PlainText.Line(post.Topic),
        PlainText.Line(post.Sender),
        How(post),
        PlainText.Line(post.Id),
        Escape(post.Text ?? ""));

    private static string How(Post post) => post switch
    {
        { Text: null } => "unreadable",
        { Encrypted: false } => "not-encrypted",
        { Verified: false } => "unverified",
        _ => "encrypted",
    };

    private static string Escape(string text)
    {
        StringBuilder line = new(text.Length);
        foreach (char letter in text.ReplaceLineEndings("\n"))
        {
            _ = letter switch
            {
                '\n' => line.Append("\\n"),
                '\t' => line.Append("\\t"),
                '\\' => line.Append("\\\\"),
                _ => line.Append(letter),
            };
        }

        return PlainText.Line(line.ToString());
    }
}
