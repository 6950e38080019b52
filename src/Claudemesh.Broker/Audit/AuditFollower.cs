using System.Text.Json.Nodes;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Audit;

/// <summary>Tells what the workspace's log says. What a private topic's says stays among those who are in it.</summary>
internal sealed class AuditFollower : ILogFollower
{
    public ILogPart? Follow(LogChange change) => change.Scope is RootReference.MeshScope ? new AuditPart(change) : null;
}

/// <summary>One event for each record of an append, in its transaction.</summary>
internal sealed class AuditPart(LogChange change) : ILogPart
{
    public MeshError? Write(WriteScope write)
    {
        foreach (LogRecord record in change.Records)
            AuditStore.Append(write, change.Workspace.Row.No, Tell(record));

        return null;
    }

    public ValueTask CommittedAsync() => ValueTask.CompletedTask;

    public void Answered()
    {
    }

    private AuditEvent Tell(LogRecord record)
    {
        (string type, JsonObject facts) = record.Body switch
        {
            LogBody.Genesis said => (AuditTypes.PolicyChanged, Policy(said.EncryptionRequired, topic: null, plain: false)),
            LogBody.Policy said => (AuditTypes.PolicyChanged, Policy(said.EncryptionRequired, said.TopicId, said.PlainIn)),
            LogBody.Invite said => (AuditTypes.InviteCreated, new JsonObject
            {
                ["invite"] = said.InviteId, ["role"] = Word(said.Admits), ["uses"] = said.UsesMax, ["expiresAt"] = said.ExpiresAt,
            }),
            LogBody.Uninvite said => (AuditTypes.InviteRevoked, new JsonObject { ["invite"] = said.InviteId }),
            LogBody.Join said => (AuditTypes.MemberJoined, new JsonObject
            {
                ["member"] = said.MemberId, ["pubkey"] = record.Author.ToString(), ["invite"] = said.InviteId, ["role"] = Word(change.After.Invites[said.InviteId].Role),
            }),
            LogBody.Admit said => (AuditTypes.MemberAdmitted, new JsonObject
            {
                ["member"] = said.MemberId, ["pubkey"] = said.Key.ToString(), ["role"] = Word(said.As), ["kind"] = said.Kind.ToString().ToLowerInvariant(),
            }),
            LogBody.Role { Becomes: LogRole.Owner } said => (AuditTypes.WorkspaceTransferred, Target(said.Key)),
            LogBody.Role said => (AuditTypes.RoleChanged, With(Target(said.Key), "role", Word(said.Becomes))),
            LogBody.Remove said => (TypeOf(record, said), With(Target(said.Key), "reason", said.Reason)),
            LogBody.KeyChange said => (AuditTypes.KeyChanged, new JsonObject
            {
                ["from"] = record.Author.ToString(), ["to"] = said.NewKey.ToString(), ["reason"] = said.Compromised ? "compromise" : "migrate",
            }),
            LogBody.Epoch said => (AuditTypes.EpochRotated, new JsonObject { ["epoch"] = said.Number, ["reason"] = said.Reason }),
            _ => throw new InvalidOperationException($"The record {record.Body.Type} has no event."),
        };
        facts["seq"] = record.Seq;
        return new AuditEvent(type, Actor(record), facts);
    }

    /// <summary>Whoever signed it did it. That another brought it, because the broker had lost it, is told.</summary>
    private AuditActor Actor(LogRecord record)
    {
        MemberId? author = IdOf(record.Author) is { } id ? MemberId.Parse(id) : null;
        return change.By switch
        {
            null when record.Body is LogBody.Join && author is { } joiner => AuditActor.Joiner(joiner),
            null => new AuditActor(author, AuditActor.Broker.Via),
            { } by when by.Member == author => by,
            { } by => new AuditActor(author, "restored", by.Member?.Value),
        };
    }

    private JsonObject Target(PublicKey key) => new() { ["target"] = IdOf(key), ["targetPubkey"] = key.ToString() };

    private string? IdOf(PublicKey key) => change.After.Keys.GetValueOrDefault(key)?.MemberId;

    private static string TypeOf(LogRecord record, LogBody.Remove said) =>
        record.Author == said.Key ? AuditTypes.MemberLeft : said.Reason is LogBody.Remove.Banned ? AuditTypes.MemberBanned : AuditTypes.MemberRemoved;

    private static JsonObject With(JsonObject facts, string name, string value)
    {
        facts[name] = value;
        return facts;
    }

    private static JsonObject Policy(bool required, string? topic, bool plain) =>
        new() { ["encryption"] = required ? "required" : "mixed", ["topic"] = topic, ["plainIn"] = plain };

    private static string Word(LogRole role) => role.ToString().ToLowerInvariant();
}
