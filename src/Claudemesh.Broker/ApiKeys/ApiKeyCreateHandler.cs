using System.Collections.Frozen;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// Makes a key. It has no more than its issuer has at this time, and one that a key makes has no more than that key: what is left out of the
/// request, topics and end, it has from there, and it ends when that key does.
/// </summary>
internal sealed partial class ApiKeyCreateHandler(ApiKeyStore store, TimeProvider clock, ILogger<ApiKeyCreateHandler> logger)
    : IRequestHandler<ApiKeyCreate, ApiKeyCreated>
{
    public async ValueTask<Reply<ApiKeyCreated>> HandleAsync(ApiKeyCreate request, Caller caller, CancellationToken cancellationToken)
    {
        KeyCapabilities capabilities = KeyWords.Read(request.Capabilities);
        if (FindExcess(capabilities, caller) is { } excess)
            return excess;
        if (request.ExpiresAt <= clock.GetUtcNow())
            return MeshError.InvalidArgs.With("expiresAt is invalid: that time is over. Give one to come, or none.");
        if (caller.Key?.ExpiresAt < request.ExpiresAt)
            return MeshError.ApiKeyExceedsIssuer.With("The expiresAt is forbidden: a key that a key makes lasts no longer than that one. Give an earlier time, or none.");

        (FrozenSet<TopicNo>? topics, MeshError? refusal) = FindTopics(request.TopicScopes, caller);
        if (refusal is not null)
            return refusal;

        ApiKeySecret secret = ApiKeySecret.Generate();
        NewApiKey key = new(
            RandomBytes.NextId(), caller.Workspace.Row.No, caller.MemberNo, request.Label.Value, capabilities, topics, request.ExpiresAt ?? caller.Key?.ExpiresAt, caller.Key);
        (ApiKey? made, refusal) = await store.CreateAsync(key, secret, cancellationToken, AuditActor.Of(caller));
        if (made is null)
            return refusal!;

        LogMade(caller.Member.Id.Value, made.Id, caller.Workspace.Id.Value);
        return new ApiKeyCreated(
            made.Id, secret.Reveal(), request.Label, made.Prefix, KeyWords.Write(capabilities), ApiKeyNews.NamesFor(caller, made), made.CreatedAt, made.ExpiresAt);
    }

    private static MeshError? FindExcess(KeyCapabilities wanted, Caller caller)
    {
        if (wanted.HasFlag(KeyCapabilities.Admin) && caller.Role < MemberRole.Admin)
            return MeshError.ApiKeyExceedsIssuer.With("The capability admin is forbidden for the key of a member: only admins and the owner have it. Leave it out.");

        return caller.Key?.HasAll(wanted) == false ? MeshError.ApiKeyExceedsIssuer : null;
    }

    private static (FrozenSet<TopicNo>? Topics, MeshError? Refusal) FindTopics(string[]? names, Caller caller)
    {
        if (names is null)
            return (caller.Key?.Topics, null);

        HashSet<TopicNo> found = [];
        foreach (string name in names)
        {
            if (caller.Workspace.Topics.Find(name.StartsWith('#') ? name[1..] : name, caller.MemberNo) is not { } topic)
                return (null, MeshError.TopicNotFound.With($"topicScopes is invalid: there is no topic {Shown(name)} that you are in or may join. List the topics."));
            if (!caller.MaySee(topic))
                return (null, MeshError.ApiKeyTopicOutOfScope);

            found.Add(topic.No);
        }

        return (found.ToFrozenSet(), null);
    }

    private static string Shown(string name) => name.Length > TopicName.CharsMax ? name[..TopicName.CharsMax] + "…" : name;

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} made API key {Key} in {Mesh}")]
    private partial void LogMade(string member, string key, string mesh);
}
