using System.Globalization;
using System.Text.Json.Nodes;
using Claudemesh.Local;

namespace Claudemesh.Mcp;

/// <summary>
/// A message as the client puts it before its model: <c>&lt;channel source="claudemesh" from_name="alice" …&gt;alice: text&lt;/channel&gt;</c>. The client writes
/// the tag from what it is given here and may escape nothing, so nothing that a peer chose can end the tag, an attribute or the line it is in.
/// </summary>
internal static class ChannelMessage
{
    public const string Method = "notifications/claude/channel";

    private const string Indent = "  ";

    /// <summary>Every value is a string: with anything else the client drops the whole message and says nothing.</summary>
    public static JsonObject Describe(InboxItem item)
    {
        var meta = new JsonObject
        {
            ["from_name"] = Attribute(item.Sender),
            ["from_id"] = Attribute(item.SenderKey),
            ["answer_to"] = Attribute(item.SenderSessionKey ?? item.SenderKey),
            ["workspace"] = Attribute(item.Workspace),
            ["to"] = Attribute(item.To),
            ["priority"] = Attribute(item.Priority),
            ["message_id"] = Attribute(item.MessageId),
            ["sent_at"] = item.SentAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["verified"] = item.Verified ? "true" : "false",
            ["encrypted"] = item.Encrypted ? "true" : "false",
        };
        if (item.ClientMessageId is { } clientMessageId)
            meta["client_message_id"] = Attribute(clientMessageId);
        if (item.ReplyTo is { } replyTo)
            meta["reply_to_id"] = Attribute(replyTo);

        return new JsonObject { ["content"] = Content(item), ["meta"] = meta };
    }

    /// <summary>Further lines are indented, so that none can look like the beginning of somebody else's message.</summary>
    private static string Content(InboxItem item) =>
        Escape($"{PlainText.Line(item.Sender)}: {PlainText.Block(item.Text ?? "", Indent)[Indent.Length..]}");

    private static string Attribute(string text) =>
        Escape(PlainText.Line(text)).Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal);

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
