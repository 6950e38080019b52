using System.Buffers.Text;
using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Identity;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>Adds, names and removes passkeys of the account that is signed in.</summary>
internal sealed class MyPasskeysEndpoint(
    PasskeyCeremonies passkeys, Ceremonies ceremonies, PasskeyStore store, AccountMail mail, Database database, TimeProvider clock)
{
    public const string Id = "id";

    public async Task BeginAsync(RestCall call)
    {
        PasskeyUserEntity entity = new() { Id = call.Account.Id.Value, Name = call.Account.Username, DisplayName = call.Account.DisplayName };
        await call.AnswerCeremonyAsync(await passkeys.BeginAttestationAsync(
            call.Http, new Ceremony(CeremonyKind.PasskeyAdd, call.Session.Id, call.Account.No), entity));
    }

    public async Task AddAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<AddPasskey>() is not { } request)
            return;
        if (PasskeyCeremonies.HasSecret(request.Credential))
        {
            await call.RefuseAsync(MeshError.PasskeySecretSent);
            return;
        }

        Ceremony? ceremony = await ceremonies.TakeAsync(CeremonyKind.PasskeyAdd, request.Ceremony, call.Session.Id, call.Aborted);
        if (ceremony is null)
        {
            await call.RefuseAsync(MeshError.CeremonyInvalid);
            return;
        }

        if (await passkeys.AttestAsync(call.Http, ceremony, request.Credential) is not { } made)
        {
            await call.RefuseAsync(MeshError.PasskeyRefused);
            return;
        }

        Passkey added = Passkey.From(made, call.Account.No, request.Name.Value, clock.GetUtcNow());
        MeshError? refusal = await database.WriteAsync(scope => Add(scope, added), call.Aborted);
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        mail.TellOfPasskey(call.Account, added.Name);
        await call.AnswerAsync(PasskeyNews.InfoOf(added, recovers: false));
    }

    public async Task RenameAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<RenamePasskey>() is not { } request)
            return;

        bool isThere = TryReadId(call, out byte[] id) && await store.RenameAsync(call.Account.No, id, request.Name.Value, call.Aborted);
        await call.AnswerAsync(isThere ? null : MeshError.PasskeyNotFound);
    }

    public async Task RemoveAsync(RestCall call)
    {
        MeshError? refusal = TryReadId(call, out byte[] id)
            ? await database.WriteAsync(scope => Remove(scope, call.Account.No, id), call.Aborted)
            : MeshError.PasskeyNotFound;
        await call.AnswerAsync(refusal);
    }

    private static MeshError? Add(WriteScope scope, Passkey added)
    {
        if (PasskeyStore.Count(scope.Sql, added.Account) >= PasskeyStore.PerAccountMax)
            return MeshError.TooManyPasskeys;

        return PasskeyStore.Add(scope, added) ? null : MeshError.PasskeyRefused;
    }

    private static MeshError? Remove(WriteScope scope, AccountNo account, byte[] id)
    {
        if (!PasskeyStore.List(scope.Sql, account).Exists(passkey => passkey.CredentialId.AsSpan().SequenceEqual(id)))
            return MeshError.PasskeyNotFound;
        if (WaysIn.Of(scope.Sql, account).Without(WayIn.Passkey) == 0)
            return MeshError.LastWayIn;

        PasskeyStore.Remove(scope, account, id);
        RecoveryStore.Forget(scope, account, id);
        return null;
    }

    private static bool TryReadId(RestCall call, out byte[] id)
    {
        string text = call.Path(Id);
        id = text.Length <= 1400 && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : [];
        return id.Length > 0;
    }
}
