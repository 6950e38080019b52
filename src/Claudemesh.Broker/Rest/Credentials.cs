using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Rest;

/// <summary>What a request came with: an API key, an account, or why neither.</summary>
internal readonly record struct Presented(ApiKey? Key, SignedIn? Account, MeshError? Refusal)
{
    public static implicit operator Presented(MeshError refusal) => new(null, null, refusal);
}

/// <summary>Reads the credential of a request: the header <c>Authorization</c>, else the browser's cookie.</summary>
internal sealed class Credentials(ApiKeyBook keys, PersonalTokens personal, AccessTokens tokens, LoginSessions sessions, BrowserCookies cookies)
{
    private const string Scheme = "Bearer ";

    /// <param name="missing">What is said to who came with nothing.</param>
    public async ValueTask<Presented> ReadAsync(HttpContext context, MeshError missing)
    {
        string? header = context.Request.Headers.Authorization.Count == 1 ? context.Request.Headers.Authorization[0] : null;
        bool isBearer = header?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true;
        if (isBearer)
            return Challenged(context, await ReadBearerAsync(context, header![Scheme.Length..].Trim(), missing));

        // Who sends the header means what stands in it, and not the cookie beside it.
        if (context.Request.Headers.Authorization.Count == 0 && cookies.ReadAccess(context.Request) is { } cookie)
            return await ReadCookieAsync(context, cookie);

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return missing;
    }

    private static Presented Challenged(HttpContext context, Presented presented)
    {
        if (presented.Refusal is { HttpStatus: StatusCodes.Status401Unauthorized })
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return presented;
    }

    private async ValueTask<Presented> ReadBearerAsync(HttpContext context, string text, MeshError missing)
    {
        if (text.Length == 0)
            return missing;

        if (text.StartsWith(PersonalTokenSecret.Start, StringComparison.Ordinal))
            return await ReadPersonalAsync(context, text);

        return text.Contains('.', StringComparison.Ordinal) ? await ReadAccessAsync(context, text) : await ReadKeyAsync(context, text);
    }

    private async ValueTask<Presented> ReadPersonalAsync(HttpContext context, string text)
    {
        FoundToken found = PersonalTokenSecret.TryParse(text, out PersonalTokenSecret secret)
            ? await personal.FindAsync(secret, ClientAddress.Of(context), context.RequestAborted) : default;
        if (found.Wait is { } wait)
        {
            context.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
            return MeshError.WrongKeyRate;
        }

        return found.Token is { } token ? new Presented(null, new SignedIn(found.Account!, Session: null, token), null) : MeshError.TokenInvalid;
    }

    private async ValueTask<Presented> ReadKeyAsync(HttpContext context, string text)
    {
        FoundKey found = ApiKeySecret.TryParse(text, out ApiKeySecret secret)
            ? await keys.FindAsync(secret, ClientAddress.Of(context), context.RequestAborted) : default;
        if (found.Wait is { } wait)
        {
            context.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
            return MeshError.WrongKeyRate;
        }

        return found.Key is { } key ? new Presented(key, null, null) : MeshError.ApiKeyInvalid;
    }

    private async ValueTask<Presented> ReadAccessAsync(HttpContext context, string token) =>
        await tokens.ReadAsync(token) is { } claims
        && await sessions.FindAsync(claims.Session, context.RequestAborted) is { } found
        && found.Account.Id == claims.User
            ? new Presented(null, new SignedIn(found.Account, found.Session), null)
            : MeshError.TokenInvalid;

    private async ValueTask<Presented> ReadCookieAsync(HttpContext context, string cookie)
    {
        Presented presented = Challenged(context, await ReadAccessAsync(context, cookie));
        return presented.Account is not { } account || await cookies.IsOwnPageAsync(context.Request, account.Session!, context.RequestAborted)
            ? presented
            : MeshError.CsrfRefused;
    }
}
