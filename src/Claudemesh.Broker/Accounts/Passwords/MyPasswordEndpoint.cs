using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passwords;

/// <summary>Sets and removes the password of the account that is signed in.</summary>
internal sealed class MyPasswordEndpoint(PasswordHashing hashing, Database database)
{
    public async Task SetAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<SetPassword>() is not { } request)
            return;
        if (PasswordRules.Refuse(request.Password, call.Account.Username) is { } weak)
        {
            await call.RefuseAsync(weak);
            return;
        }

        if (await hashing.HashAsync(request.Password, call.Aborted) is not { } hash)
        {
            await call.RefuseAsync(MeshError.SignInBusy);
            return;
        }

        await database.WriteAsync(
            scope =>
            {
                PasswordStore.Set(scope, call.Account.No, hash);
                return true;
            },
            call.Aborted);
        await call.AnswerAsync(refusal: null);
    }

    public async Task RemoveAsync(RestCall call) =>
        await call.AnswerAsync(await database.WriteAsync(scope => Remove(scope, call.Account.No), call.Aborted));

    /// <summary>The second factor is one of the password, and goes with it.</summary>
    private static MeshError? Remove(WriteScope scope, AccountNo account)
    {
        WaysIn ways = WaysIn.Of(scope.Sql, account);
        if (ways.HasPassword && ways.Without(WayIn.Password) == 0)
            return MeshError.LastWayIn;

        PasswordStore.Remove(scope, account);
        SecondFactorStore.Remove(scope, account);
        return null;
    }
}
