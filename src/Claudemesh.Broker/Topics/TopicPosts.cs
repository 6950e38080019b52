using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>What is asked of a post before the core gets it; who may post the core knows itself.</summary>
internal sealed class TopicPosts(Database database)
{
    /// <summary>
    /// What it answers, and why it is refused. Our clients are told that an answer stands elsewhere; 1.x's lose the reference, as they
    /// are used to (wire reference 3.5).
    /// </summary>
    public async ValueTask<(MessageRef? ReplyTo, MeshError? Refusal)> CheckAsync(
        Workspace workspace, Topic topic, Send send, bool ours, CancellationToken cancellationToken)
    {
        ScopeState log = topic.IsPublic ? workspace.Logs.Mesh : await workspace.Logs.GetAsync(topic.Scope, cancellationToken);
        if (BodyRules.Check(workspace.Logs, log, topic.Id, send) is { } refusal)
            return (null, refusal);
        if (ours && FindFault(send.Mentions) is { } fault)
            return (null, MeshError.InvalidArgs.With($"The post is invalid: {fault}."));
        if (string.IsNullOrEmpty(send.ReplyToId))
            return (null, null);

        MessageRef? parent = workspace.Ids.TryFindPrefix(send.ReplyToId, out MessageRef found) && await IsInAsync(topic, found, orGone: false, cancellationToken)
            ? found
            : null;
        return (parent, parent is null && ours ? MeshError.ReplyElsewhere : null);
    }

    /// <summary>
    /// The place that an id names in a topic's history, null when it is none. It stays one after its message has gone.
    /// </summary>
    public async ValueTask<MessageRef?> FindCursorAsync(Workspace workspace, Topic topic, string id, CancellationToken cancellationToken) =>
        MessageId.TryParse(id, out MessageId whole)
        && workspace.Ids.TryFind(whole, out MessageRef found)
        && await IsInAsync(topic, found, orGone: true, cancellationToken)
            ? found
            : null;

    private async ValueTask<bool> IsInAsync(Topic topic, MessageRef message, bool orGone, CancellationToken cancellationToken)
    {
        string? target = await database.ReadAsync(
            (Sql sql) => sql.Find("SELECT target FROM message WHERE id = @id", static row => row.GetString(0), ("@id", message.Value)), cancellationToken);
        return target is null ? orGone : string.Equals(target, topic.Target, StringComparison.Ordinal);
    }

    /// <summary>A mention of nobody is nobody's; what could be no name at all is a mistake.</summary>
    private static string? FindFault(string[]? mentions)
    {
        foreach (string mention in mentions ?? [])
        {
            if (mention is not { Length: > 0 and <= 64 } || (mention.Any(char.IsUpper) && !WireId.IsMadeByUs(mention)) || mention[0] == '@')
                return "mentions must be names of 1 to 64 characters in lower case, without @, or a member's key or id";
        }

        return null;
    }
}
