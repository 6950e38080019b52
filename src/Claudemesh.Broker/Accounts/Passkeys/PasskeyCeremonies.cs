using System.Text.Json;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>Whose passkey it is, and what the authenticator says of it now.</summary>
internal sealed record ProvenPasskey(Account Account, UserPasskeyInfo Passkey);

/// <summary>
/// The two halves of a ceremony, on the framework's verifier. Its state is the challenge: it stays here, in the row of the ceremony, and comes back once.
/// Why a passkey is refused stands in the log, never in an answer.
/// </summary>
internal sealed partial class PasskeyCeremonies(IServiceScopeFactory scopes, Ceremonies ceremonies, ILogger<PasskeyCeremonies> logger)
{
    /// <param name="ceremony">Without state.</param>
    /// <param name="user">For whom a passkey is to be made. Its id is the user handle, which is random and says nothing about him.</param>
    public async Task<Reply> BeginAttestationAsync(HttpContext context, Ceremony ceremony, PasskeyUserEntity user)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PasskeyCreationOptionsResult made = await scope.ServiceProvider.GetRequiredService<IPasskeyHandler<Account>>().MakeCreationOptionsAsync(user, context);
        return await BeginAsync(ceremony with { State = made.AttestationState ?? "" }, made.CreationOptionsJson, context);
    }

    /// <param name="account">Whose passkeys the browser is told; null: the authenticator knows its own, and nothing is told of anybody's.</param>
    public async Task<Reply> BeginAssertionAsync(HttpContext context, Ceremony ceremony, Account? account)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PasskeyRequestOptionsResult made = await scope.ServiceProvider.GetRequiredService<IPasskeyHandler<Account>>().MakeRequestOptionsAsync(account, context);
        return await BeginAsync(ceremony with { State = made.AssertionState ?? "" }, made.RequestOptionsJson, context);
    }

    /// <returns>Null where it is no good passkey.</returns>
    public async Task<UserPasskeyInfo?> AttestAsync(HttpContext context, Ceremony ceremony, JsonElement credential)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PasskeyAttestationResult result = await scope.ServiceProvider.GetRequiredService<IPasskeyHandler<Account>>().PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential.GetRawText(), AttestationState = ceremony.State });
        if (result.Succeeded)
            return result.Passkey;

        LogRefused(result.Failure.Message);
        return null;
    }

    /// <returns>Null where it proves nothing.</returns>
    public async Task<ProvenPasskey?> AssertAsync(HttpContext context, Ceremony ceremony, JsonElement credential)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PasskeyAssertionResult<Account> result = await scope.ServiceProvider.GetRequiredService<IPasskeyHandler<Account>>().PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = context, CredentialJson = credential.GetRawText(), AssertionState = ceremony.State });
        if (result.Succeeded)
            return new ProvenPasskey(result.User, result.Passkey);

        LogRefused(result.Failure.Message);
        return null;
    }

    /// <summary>Whether a credential has in it what a passkey derives: the key of a recovery of the account secret, which the broker must not be sent.</summary>
    public static bool HasSecret(JsonElement credential) => credential.ValueKind switch
    {
        JsonValueKind.Object => credential.EnumerateObject().Any(static field => IsSecret(field) || HasSecret(field.Value)),
        JsonValueKind.Array => credential.EnumerateArray().Any(HasSecret),
        _ => false,
    };

    /// <summary>What the extensions <c>prf</c>, <c>hmac-secret</c> and <c>largeBlob</c> give out.</summary>
    private static bool IsSecret(JsonProperty field) => field.Name switch
    {
        "prf" => field.Value.ValueKind is JsonValueKind.Object && field.Value.TryGetProperty("results", out _),
        "hmacGetSecret" => true,
        "largeBlob" => field.Value.ValueKind is JsonValueKind.Object && field.Value.TryGetProperty("blob", out _),
        _ => false,
    };

    private async Task<Reply> BeginAsync(Ceremony ceremony, string options, HttpContext context)
    {
        if (await ceremonies.BeginAsync(ceremony, context.RequestAborted) is not { } id)
            return new Reply(null, MeshError.SignInBusy);

        using JsonDocument document = JsonDocument.Parse(options);
        return new Reply(new PasskeyCeremony(id, document.RootElement.Clone()), null);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A passkey was refused: {Why}")]
    private partial void LogRefused(string why);

    /// <summary>The first half's answer, or why there is none.</summary>
    internal sealed record Reply(PasskeyCeremony? Ceremony, MeshError? Refusal);
}
