using System.Security.Cryptography;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SecondFactor;

/// <summary>The authenticator and the recovery codes of the account that is signed in.</summary>
internal sealed class MySecondFactorEndpoint(SecondFactorStore store, WrongAttempts attempts, PublicAddress address)
{
    public async Task BeginAsync(RestCall call)
    {
        byte[] secret = RandomBytes.Next(Totp.SecretSize);
        if (await store.BeginAsync(call.Account.No, secret, call.Aborted) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        string text = Totp.Write(secret);
        CryptographicOperations.ZeroMemory(secret);
        await call.AnswerAsync(new TotpSecret(text, Totp.Uri($"claudemesh {address.Url.Host}", call.Account.Username, text)));
    }

    public async Task ConfirmAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<ConfirmTotp>() is not { } request)
            return;

        AttemptKey[] keys = WrongAttempts.ForCode("confirm:" + call.Account.Id.Value, "", call.Session.Id);
        if (attempts.Begin(keys) is { } wait)
        {
            await WrongAttempts.WaitAsync(call, wait);
            return;
        }

        MeshError? refusal = await store.ConfirmAsync(call.Account.No, request.Code, call.Aborted);
        if (refusal is null)
            attempts.Succeeded(keys);
        await call.AnswerAsync(refusal);
    }

    public async Task RemoveAsync(RestCall call)
    {
        await store.RemoveAsync(call.Account.No, call.Aborted);
        await call.AnswerAsync(refusal: null);
    }

    public async Task MakeCodesAsync(RestCall call)
    {
        RecoveryCode[] codes = [.. Enumerable.Range(0, RecoveryCode.CountOfSet).Select(static _ => RecoveryCode.Generate())];
        await (await store.ReplaceCodesAsync(call.Account.No, codes, call.Aborted)
            ? call.AnswerAsync(new RecoveryCodes([.. codes.Select(static code => code.Reveal())]))
            : call.RefuseAsync(MeshError.TotpNotBegun));
    }
}
