using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>Shows again, by the password, that the person at a session is its own.</summary>
internal sealed class FreshEndpoint(
    PasswordStore passwords, PasswordHashing hashing, SecondFactorStore factors, WrongAttempts attempts, LoginSessionStore sessions, Database database,
    TimeProvider clock)
{
    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<FreshPassword>() is not { } request)
            return;

        // The session counts by itself: strangers' attempts keep its person from nothing, and his browser's do not keep him out elsewhere.
        AttemptKey[] keys = WrongAttempts.ForCode(call.Account.Id.Value, "", call.Session.Id);
        if (attempts.Begin(keys) is { } wait)
        {
            await WrongAttempts.WaitAsync(call, wait);
            return;
        }

        string? stored = await passwords.FindAsync(call.Account.No, call.Aborted);
        if (await hashing.VerifyAsync(request.Password, stored, call.Aborted) is not { } verified)
        {
            attempts.GiveBack(keys);
            await call.RefuseAsync(MeshError.SignInBusy);
            return;
        }

        MeshError? refusal = verified.IsRight ? await UseCodeAsync(call, request.Code) : MeshError.SignInFailed;
        if (refusal is null)
        {
            attempts.Succeeded(keys);
            await AnswerAsync(call);
            return;
        }

        await call.RefuseAsync(refusal);
    }

    /// <summary>The session's person has shown who he is.</summary>
    public async Task AnswerAsync(RestCall call)
    {
        DateTimeOffset now = clock.GetUtcNow();
        await (await sessions.RefreshProofAsync(call.Session, call.Aborted)
            ? call.AnswerAsync(new Fresh(now + LoginSession.FreshFor))
            : call.RefuseAsync(MeshError.TokenInvalid));
    }

    private async ValueTask<MeshError?> UseCodeAsync(RestCall call, string? code)
    {
        if (!await factors.HasAsync(call.Account.No, call.Aborted))
            return null;

        return code is not null && await database.WriteAsync(scope => SecondFactorStore.TryUse(scope, call.Account.No, code), call.Aborted)
            ? null
            : MeshError.CodeInvalid;
    }
}
