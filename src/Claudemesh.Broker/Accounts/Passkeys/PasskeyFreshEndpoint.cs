using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>Shows again, by a passkey of the account, that the person at a session is its own.</summary>
internal sealed class PasskeyFreshEndpoint(PasskeyCeremonies passkeys, Ceremonies ceremonies, FreshEndpoint fresh, Database database)
{
    public async Task BeginAsync(RestCall call) => await call.AnswerCeremonyAsync(await passkeys.BeginAssertionAsync(
        call.Http, new Ceremony(CeremonyKind.PasskeyFresh, call.Session.Id, call.Account.No), call.Account));

    public async Task EndAsync(RestCall call)
    {
        if (await call.ReadCredentialAsync() is not { } answer)
            return;

        Ceremony? ceremony = await ceremonies.TakeAsync(CeremonyKind.PasskeyFresh, answer.Ceremony, call.Session.Id, call.Aborted);
        if (ceremony is null)
        {
            await call.RefuseAsync(MeshError.CeremonyInvalid);
            return;
        }

        ProvenPasskey? proven = await passkeys.AssertAsync(call.Http, ceremony, answer.Credential);
        bool isHis = proven is not null && proven.Account.No == call.Account.No && await database.WriteAsync(
            scope => PasskeyStore.NoteUse(scope, proven.Passkey.CredentialId, proven.Passkey.SignCount, proven.Passkey.IsBackedUp), call.Aborted);
        await (isHis ? fresh.AnswerAsync(call) : call.RefuseAsync(MeshError.PasskeyRefused));
    }
}
