using System.Text.Json.Serialization.Metadata;
using Claudemesh.Client;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Asks a broker as a device of its account. The access token is renewed by one request at a time, and the refresh token that comes with it is on the disk
/// before the access token is used: a crash in between repeats nothing that would look like theft.
/// </summary>
internal sealed partial class AccountCalls(AccountHome home, AccountHttp http, TimeProvider clock, ILogger<AccountCalls> logger)
{
    public const string ClientId = "claudemesh-cli";

    public Task<LocalReply<T>> GetAsync<T>(Login login, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => AskAsync(login, HttpMethod.Get, path, () => null, type, cancellationToken);

    public Task<LocalReply<T>> SendAsync<TBody, T>(
        Login login, HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => AskAsync(login, method, path, () => AccountHttp.Json(body, bodyType), type, cancellationToken);

    public Task<LocalReply<T>> AskAsync<T>(Login login, HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => AskAsync(login, method, path, () => null, type, cancellationToken);

    /// <summary>Tells the broker that the session is over. What it answers changes nothing here.</summary>
    /// <returns>Whether it was told.</returns>
    public async Task<bool> RevokeAsync(Login login, CancellationToken cancellationToken)
    {
        if (login.IsToken || login.Keys?.Secrets.Token is not { Length: > 0 } token)
            return true;

        LocalReply<Nothing> told = await http.SendAsync(
            BrokerAddress.Parse(login.Stored.Broker),
            HttpMethod.Post,
            "oauth/revoke",
            AccountHttp.Form(("token", token), ("token_type_hint", "refresh_token"), ("client_id", ClientId)),
            static (_, _) => { },
            WireJson.Default.Nothing,
            cancellationToken);
        return told.Succeeded;
    }

    private async Task<LocalReply<T>> AskAsync<T>(
        Login login, HttpMethod method, string path, Func<HttpContent?> content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            LocalReply<AccessToken> access = await GetAccessAsync(login, cancellationToken);
            if (access.Value is not { } token)
                return access.Problem!;

            LocalReply<T> reply = await http.SendAsync(
                BrokerAddress.Parse(login.Stored.Broker),
                method,
                path,
                content(),
                (request, response) =>
                {
                    if (response is null)
                        request.Headers.Authorization = new("Bearer", token.Text);
                },
                type,
                cancellationToken);
            if (reply.Problem is not { Status: 401, Error: not ("sign_in_failed" or "code_invalid") } refused)
            {
                if (reply.Succeeded)
                    await home.ChangeAsync(login, stored => Confirm(stored, clock.GetUtcNow()), cancellationToken);
                return reply;
            }

            if (!isFirst || login.IsToken)
                return login.IsToken ? refused with { Detail = $"The token of {login.Stored.Broker} is not believed any more: {refused.Detail}" } : refused;

            await DropAsync(login, token, cancellationToken);
        }
    }

    /// <summary>To the minute: what is confirmed with every request is not written with every request.</summary>
    private static StoredLogin Confirm(StoredLogin stored, DateTimeOffset now) =>
        stored.ConfirmedAt is { } before && now - before < TimeSpan.FromMinutes(1) ? stored : stored with { ConfirmedAt = now };

    private static async Task DropAsync(Login login, AccessToken refused, CancellationToken cancellationToken)
    {
        await login.Turn.WaitAsync(cancellationToken);
        if (ReferenceEquals(login.Access, refused))
            login.Access = null;
        login.Turn.Release();
    }

    private async Task<LocalReply<AccessToken>> GetAccessAsync(Login login, CancellationToken cancellationToken)
    {
        await login.Turn.WaitAsync(cancellationToken);
        try
        {
            if (login.Keys is not { } keys)
                return login.Stored.IsLoggedOut ? AccountProblems.NotLoggedIn(login.Stored.Broker) : AccountProblems.Locked(login.Stored);
            if (login.IsToken)
                return new AccessToken(keys.Secrets.Token, DateTimeOffset.MaxValue);
            if (login.Access is { } access && access.IsGood(clock.GetUtcNow()))
                return access;
            return keys.Secrets.Token.Length == 0 ? AccountProblems.SignedOut(login.Stored) : await RenewAsync(login, keys);
        }
        finally
        {
            login.Turn.Release();
        }
    }

    private async Task<LocalReply<AccessToken>> RenewAsync(Login login, LoginKeys keys)
    {
        DateTimeOffset asked = clock.GetUtcNow();

        // Once it has been sent the broker may have changed the token: the answer is written down even if nobody waits for it any more.
        LocalReply<TokenAnswer> answer = await http.SendAsync(
            BrokerAddress.Parse(login.Stored.Broker),
            HttpMethod.Post,
            "oauth/token",
            AccountHttp.Form(("grant_type", "refresh_token"), ("refresh_token", keys.Secrets.Token), ("client_id", ClientId)),
            static (_, _) => { },
            WireJson.Default.TokenAnswer,
            CancellationToken.None);
        if (answer.Problem is { Error: "invalid_grant" } ended)
        {
            LogEnded(login.Stored.Broker, ended.Detail);
            await home.KeepAsync(login.Stored, keys.Secrets.With(token: ""), CancellationToken.None);
            return AccountProblems.SignedOut(login.Stored);
        }

        if (answer.Value is not { } tokens)
            return answer.Problem!;
        if (tokens is not { AccessToken.Length: > 0, RefreshToken.Length: > 0 })
            return AccountProblems.Refused("", "the broker answered without tokens.", 502);
        if (AccessClaims.FindSubject(tokens.AccessToken) is var subject && subject != login.Stored.UserId)
            return AccountProblems.AnotherAccount(login.Stored, subject ?? "nobody");

        await home.KeepAsync(login.Stored, keys.Secrets.With(tokens.RefreshToken), CancellationToken.None);
        return login.Access = AccessToken.Of(tokens, asked);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The session on {Broker} has ended: {Why}")]
    private partial void LogEnded(string broker, string why);
}
