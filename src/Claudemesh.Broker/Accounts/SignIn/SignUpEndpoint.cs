using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Rest;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>Makes an account with a password.</summary>
internal sealed class SignUpEndpoint(
    SignUpTickets tickets, SignUps signUps, PasswordHashing hashing, BrowserArrival arrival, AccountMail mail)
{
    public async Task HandleAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<SignUp>() is not { } request)
            return;

        (SignUpTicket? ticket, MeshError? refusal) = await tickets.FindAsync(request.Setup, request.Invite, call.Aborted);
        refusal ??= PasswordRules.Refuse(request.Password, request.Username.Value);
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        if (await hashing.HashAsync(request.Password, call.Aborted) is not { } hash)
        {
            await call.RefuseAsync(MeshError.SignInBusy);
            return;
        }

        NewAccount plan = SignUps.Plan(UserId.Parse(RandomBytes.NextId()), request.Username, request.DisplayName, request.Email, ticket!);
        SignUpResult made = await signUps.MakeAsync(plan, ticket!, call.Http, (scope, no) => PasswordStore.Set(scope, no, hash));
        if (made.Refusal is not null)
        {
            await call.RefuseAsync(made.Refusal);
            return;
        }

        await mail.AskToVerifyAsync(made.Account!, call.Aborted);
        await call.AnswerAsync(await arrival.GreetAsync(call.Http, made.Account!, made.Session!, isNew: true));
    }
}
