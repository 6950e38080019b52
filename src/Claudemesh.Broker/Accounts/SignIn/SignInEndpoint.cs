using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>
/// Signs in by name and password, and by a code where the account has a second factor. A name that nobody has is answered like a wrong password, takes as
/// long, and waits as long after some of them.
/// </summary>
internal sealed class SignInEndpoint(
    AccountStore accounts, PasswordStore passwords, PasswordHashing hashing, SecondFactorStore factors, WrongAttempts attempts,
    BrowserMarks marks, Ceremonies ceremonies, BrowserArrival arrival)
{
    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<Protocol.SignIn>() is not { } request)
            return;

        // What can be no name is nobody's, so one count is enough for all of it.
        string skeleton = Username.TryParse(request.Username, out Username name) ? name.Skeleton : "";
        Account? account = skeleton.Length > 0 ? await accounts.FindByNameAsync(skeleton, call.Aborted) : null;
        AttemptKey[] keys = WrongAttempts.ForPassword(skeleton, ClientAddress.Of(call.Http).ToString(), await marks.FindKnownAsync(call.Http, account));
        if (attempts.Begin(keys) is { } wait)
        {
            await WrongAttempts.WaitAsync(call, wait);
            return;
        }

        string? stored = await passwords.FindAsync(account?.No, call.Aborted);
        if (await hashing.VerifyAsync(request.Password, stored, call.Aborted) is not { } verified)
        {
            attempts.GiveBack(keys);
            await call.RefuseAsync(MeshError.SignInBusy);
            return;
        }

        if (account is null || !verified.IsRight)
        {
            await call.RefuseAsync(MeshError.SignInFailed);
            return;
        }

        attempts.Succeeded(keys);
        string? renewed = verified.IsOld ? await hashing.HashAsync(request.Password, call.Aborted) : null;
        await AdmitAsync(call, account, renewed);
    }

    public async Task HandleCodeAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<Protocol.SecondFactor>() is not { } request)
            return;

        Ceremony? ceremony = await ceremonies.FindAsync(CeremonyKind.SecondFactor, request.Ceremony, marks.ReadBinding(call.Http), call.Aborted);
        if (ceremony?.User is not { } user || await accounts.FindAsync(user, call.Aborted) is not { } account)
        {
            await call.RefuseAsync(MeshError.CeremonyInvalid);
            return;
        }

        AttemptKey[] keys = WrongAttempts.ForCode(account.Id.Value, ClientAddress.Of(call.Http).ToString(), await marks.FindKnownAsync(call.Http, account));
        if (attempts.Begin(keys) is { } wait)
        {
            await WrongAttempts.WaitAsync(call, wait);
            return;
        }

        // The ceremony ends with the code that is right: who mistypes one need not give his password again.
        SignedInBrowser? signedIn = await arrival.AdmitAsync(
            call.Http, account, scope => SecondFactorStore.TryUse(scope, account.No, request.Code) && Ceremonies.End(scope, request.Ceremony));
        if (signedIn is null)
        {
            await call.RefuseAsync(MeshError.CodeInvalid);
            return;
        }

        attempts.Succeeded(keys);
        await call.AnswerAsync(Step(signedIn));
    }

    private async Task AdmitAsync(RestCall call, Account account, string? renewedHash)
    {
        if (await factors.HasAsync(account.No, call.Aborted))
        {
            Ceremony half = new(CeremonyKind.SecondFactor, marks.Bind(call.Http), account.No, User: account.Id);
            await (await ceremonies.BeginAsync(half, call.Aborted) is { } id
                ? call.AnswerAsync(new SignInStep(SecondFactor: id))
                : call.RefuseAsync(MeshError.SignInBusy));
            return;
        }

        SignedInBrowser? signedIn = await arrival.AdmitAsync(call.Http, account, scope =>
        {
            if (renewedHash is not null)
                PasswordStore.Set(scope, account.No, renewedHash);
            return true;
        });
        await call.AnswerAsync(Step(signedIn!));
    }

    private static SignInStep Step(SignedInBrowser signedIn) => new(signedIn.Account, signedIn.Csrf, signedIn.FreshUntil);
}
