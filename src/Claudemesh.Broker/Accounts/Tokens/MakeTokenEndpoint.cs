using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>
/// Makes a personal token. What it opens is asked at each request, of the member that the account is then: it is never more than he may.
/// </summary>
internal sealed partial class MakeTokenEndpoint(
    PersonalTokenStore store, AccountMembers members, OpenWorkspaces workspaces, TimeProvider clock, ILogger<MakeTokenEndpoint> logger)
{
    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<MakePersonalToken>() is not { } wish)
            return;

        (MeshNo? mesh, MeshError? refusal) = await FindMeshAsync(call, wish.Workspace);
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        PersonalTokenSecret secret = PersonalTokenSecret.Generate();
        NewPersonalToken token = new(
            RandomBytes.NextId(), call.Account.No, wish.Name.Value, TokenWords.Read(wish.Scopes), mesh, clock.GetUtcNow().AddDays(wish.ExpiresInDays));
        if (await store.CreateAsync(token, secret, call.Aborted) is not { } made)
        {
            await call.RefuseAsync(MeshError.TooManyTokens);
            return;
        }

        LogMade(call.Account.Id.Value, made.Id);
        await call.AnswerAsync(new PersonalTokenMade(
            made.Id, secret.Reveal(), wish.Name, made.Prefix, TokenWords.Write(made.Scopes), made.CreatedAt, made.ExpiresAt, made.MeshSlug));
    }

    private async ValueTask<(MeshNo? Mesh, MeshError? Refusal)> FindMeshAsync(RestCall call, string? named)
    {
        if (string.IsNullOrEmpty(named))
            return (null, null);

        (MeshId mesh, _, MeshError? refusal) = await members.FindAsync(call.Account.No, named, call.Aborted);
        if (refusal is not null)
            return (null, refusal);

        return await workspaces.FindAsync(mesh, call.Aborted) is { } workspace ? (workspace.Row.No, null) : (null, MeshError.NotYourWorkspace);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {Account} made personal token {Token}")]
    private partial void LogMade(string account, string token);
}
