using System.Collections.Frozen;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>Keys for tests that are not about how keys are made.</summary>
internal static class RestKeys
{
    /// <param name="topics">Names or ids; null: the key is not limited.</param>
    public static async Task<TestKey> KeyAsync(
        this TestMesh mesh, TestMember member, KeyCapabilities capabilities = KeyCapabilities.Send | KeyCapabilities.Read, string[]? topics = null)
    {
        IServiceProvider services = mesh.Broker.Services;
        Workspace workspace = (await services.GetRequiredService<OpenWorkspaces>().FindAsync(MeshId.Parse(mesh.Id), CancellationToken.None))!;
        MemberNo issuer = workspace.Members.Find(member.Key.Public)!.No;
        FrozenSet<TopicNo>? scope = topics?.Select(topic => workspace.Topics.Find(topic, issuer)!.No).ToFrozenSet();
        ApiKeySecret secret = ApiKeySecret.Generate();
        (ApiKey? key, _) = await services.GetRequiredService<ApiKeyStore>().CreateAsync(
            new NewApiKey(RandomBytes.NextId(), workspace.Row.No, issuer, "test", capabilities, scope, ExpiresAt: null), secret, CancellationToken.None);
        return new TestKey(mesh.Broker, key!.Id, secret.Reveal());
    }

    public static Task<TestKey> OwnerKeyAsync(this TestMesh mesh, KeyCapabilities capabilities = KeyCapabilities.Admin, string[]? topics = null) =>
        mesh.KeyAsync(mesh.OwnerMember(), capabilities, topics);

    public static Task<RestAnswer> PutAsync(this TestKey key, string path, string json) => key.SendAsync(HttpMethod.Put, path, json);

    public static string[] Names(this RestAnswer answer, string list, string field = "name") =>
        [.. answer.Body![list]!.AsArray().Select(row => (string)row![field]!)];
}
