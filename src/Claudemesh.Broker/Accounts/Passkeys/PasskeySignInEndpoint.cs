using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>
/// Signs in by a passkey. Every passkey of ours is discoverable, so the options are the same whether a name was given or not, and tell nobody which names
/// there are or what passkeys they have; where one was given, the passkey must be that account's.
/// </summary>
internal sealed class PasskeySignInEndpoint(
    PasskeyCeremonies passkeys, Ceremonies ceremonies, BrowserMarks marks, BrowserArrival arrival)
{
    public async Task BeginAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<PasskeySignIn>() is not { } request)
            return;

        Ceremony ceremony = new(CeremonyKind.PasskeySignIn, marks.Bind(call.Http), About: request.Username is { } typed ? Key(typed) : "");
        await call.AnswerCeremonyAsync(await passkeys.BeginAssertionAsync(call.Http, ceremony, account: null));
    }

    public async Task EndAsync(RestCall call)
    {
        if (await call.ReadCredentialAsync() is not { } answer)
            return;

        Ceremony? ceremony = await ceremonies.TakeAsync(CeremonyKind.PasskeySignIn, answer.Ceremony, marks.ReadBinding(call.Http), call.Aborted);
        if (ceremony is null)
        {
            await call.RefuseAsync(MeshError.CeremonyInvalid);
            return;
        }

        ProvenPasskey? proven = await passkeys.AssertAsync(call.Http, ceremony, answer.Credential);
        SignedInBrowser? signedIn = proven is null || !IsMeant(ceremony, proven.Account) ? null : await arrival.AdmitAsync(
            call.Http, proven.Account, scope => PasskeyStore.NoteUse(scope, proven.Passkey.CredentialId, proven.Passkey.SignCount, proven.Passkey.IsBackedUp));
        await (signedIn is null ? call.RefuseAsync(MeshError.PasskeyRefused) : call.AnswerAsync(signedIn));
    }

    private static bool IsMeant(Ceremony ceremony, Account account) => ceremony.About.Length == 0 || ceremony.About == Key(account.Username);

    /// <summary>What can be no name is nobody's, and fits none.</summary>
    private static string Key(string typed) => Username.TryParse(typed, out Username name) ? name.Skeleton : "?";
}
