using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>Personal tokens of the account that is signed in.</summary>
internal static class PersonalTokenRoutes
{
    private const string Id = "id";

    public static RestRoutes MapPersonalTokens(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/tokens", Operation.ReadAccount, KeyReach.Workspace, "Lists your personal tokens.", ListAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(PersonalTokenList),
        })
        .Add(new RestRoute(
            "POST", "/tokens", Operation.SecureAccount, KeyReach.Workspace, "Makes a personal token and tells it, once.",
            call => call.Get<MakeTokenEndpoint>().HandleAsync(call))
        {
            Root = RestRoutes.My,
            Body = typeof(MakePersonalToken),
            Reply = typeof(PersonalTokenMade),
            Status = 201,
            Refusals = [MeshError.FreshAuthenticationRequired, MeshError.NotYourWorkspace, MeshError.TooManyTokens],
        })
        .Add(new RestRoute(
            "DELETE", $"/tokens/{{{Id}}}", Operation.ChangeAccount, KeyReach.Workspace, "Ends a personal token, and what it has open.", RevokeAsync)
        {
            Root = RestRoutes.My,
            Status = 204,
            Refusals = [MeshError.TokenNotFound],
        });

    private static async Task ListAsync(RestCall call)
    {
        ApiKeys.KeyUse use = call.Get<ApiKeys.KeyUse>();
        List<PersonalToken> tokens = await call.Get<PersonalTokenStore>().ListAsync(call.Account.No, call.Aborted);
        await call.AnswerAsync(new PersonalTokenList([.. tokens.Select(token => ToWire(token, use.LastOf(token)))]));
    }

    private static async Task RevokeAsync(RestCall call) => await call.AnswerAsync(
        await call.Get<PersonalTokens>().RevokeAsync(call.Account.No, call.Path(Id), call.Aborted) ? null : MeshError.TokenNotFound);

    private static PersonalTokenInfo ToWire(PersonalToken token, DateTimeOffset? lastUsedAt) => new(
        token.Id,
        DisplayName.Parse(token.Name),
        token.Prefix,
        TokenWords.Write(token.Scopes),
        token.CreatedAt,
        token.ExpiresAt,
        token.MeshSlug,
        lastUsedAt,
        token.RevokedAt);
}
