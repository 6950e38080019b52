using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary><c>POST /api/my/account-invites</c>: an operator lets somebody make an account who is invited to no workspace.</summary>
internal sealed class MakeAccountInviteEndpoint(Database database, PublicAddress address, TimeProvider clock)
{
    public async Task HandleAsync(RestCall call)
    {
        if (!call.Account.IsOperator)
        {
            await call.RefuseAsync(MeshError.Forbidden.With("This is forbidden for all but the broker's operators. Ask one of them for an invite."));
            return;
        }

        if (await call.ReadBodyAsync<MakeAccountInvite>() is not { } request)
            return;

        OneTimeToken token = OneTimeToken.Generate();
        string id = RandomBytes.NextId();
        int uses = request.Uses ?? 1;
        DateTimeOffset expiresAt = clock.GetUtcNow().AddDays(request.ExpiresInDays ?? MakeAccountInvite.DaysUsual);
        await database.WriteAsync(
            scope => scope.Sql.Execute(
                "INSERT INTO account_invite (hash, id, account_no, uses_left, created_at, expires_at) VALUES (@hash, @id, @account, @uses, @now, @expires)",
                ("@hash", token.Hash()), ("@id", id), ("@account", call.Account.No.Value), ("@uses", (long)uses), ("@now", scope.Now.Micros),
                ("@expires", expiresAt.ToInstant().Micros)),
            call.Aborted);

        // Behind the #, which no browser sends and no log of a proxy has.
        await call.AnswerAsync(new AccountInviteMade(id, address.LinkTo("/sign-up#" + token.Reveal()), uses, expiresAt));
    }
}
