using System.Text.Json;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Identity;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>Makes an account with a passkey. Whether it may be made is asked twice: an invite may end while somebody looks for his finger.</summary>
internal sealed class PasskeySignUpEndpoint(
    SignUpTickets tickets, SignUps signUps, AccountStore accounts, PasskeyCeremonies passkeys, Ceremonies ceremonies, BrowserMarks marks,
    BrowserArrival arrival, AccountMail mail, TimeProvider clock)
{
    /// <summary>What the first passkey is called until its owner says otherwise.</summary>
    public const string FirstName = "Passkey";

    public async Task BeginAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<PasskeySignUp>() is not { } request)
            return;

        (SignUpTicket? ticket, MeshError? refusal) = await tickets.FindAsync(request.Setup, request.Invite, call.Aborted);
        if (refusal is null && await accounts.FindByNameAsync(request.Username.Skeleton, call.Aborted) is not null)
            refusal = MeshError.UsernameTaken;
        if (refusal is not null)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        UserId user = UserId.Parse(RandomBytes.NextId());
        string asked = JsonSerializer.Serialize(request with { Setup = null, Invite = null }, ProtocolJson.Default.PasskeySignUp);
        Ceremony ceremony = new(CeremonyKind.PasskeySignUp, marks.Bind(call.Http), About: $"{ticket!.Write()}\n{asked}", User: user);
        PasskeyUserEntity entity = new() { Id = user.Value, Name = request.Username.Value, DisplayName = request.DisplayName.Value };
        await call.AnswerCeremonyAsync(await passkeys.BeginAttestationAsync(call.Http, ceremony, entity));
    }

    public async Task EndAsync(RestCall call)
    {
        if (await call.ReadCredentialAsync() is not { } answer)
            return;

        Ceremony? ceremony = await ceremonies.TakeAsync(CeremonyKind.PasskeySignUp, answer.Ceremony, marks.ReadBinding(call.Http), call.Aborted);
        if (ceremony is null)
        {
            await call.RefuseAsync(MeshError.CeremonyInvalid);
            return;
        }

        if (await passkeys.AttestAsync(call.Http, ceremony, answer.Credential) is not { } made)
        {
            await call.RefuseAsync(MeshError.PasskeyRefused);
            return;
        }

        await MakeAsync(call, ceremony, made);
    }

    private async Task MakeAsync(RestCall call, Ceremony ceremony, UserPasskeyInfo made)
    {
        string[] about = ceremony.About.Split('\n', 2);
        SignUpTicket ticket = SignUpTicket.Read(about[0]);
        PasskeySignUp request = JsonSerializer.Deserialize(about[1], ProtocolJson.Default.PasskeySignUp)!;
        if (!await tickets.IsGoodAsync(ticket, call.Aborted))
        {
            await call.RefuseAsync(ticket.Refusal);
            return;
        }

        NewAccount plan = SignUps.Plan(ceremony.User!.Value, request.Username, request.DisplayName, request.Email, ticket);
        SignUpResult result = await signUps.MakeAsync(
            plan, ticket, call.Http, (scope, no) => PasskeyStore.Add(scope, Passkey.From(made, no, FirstName, clock.GetUtcNow())));
        if (result.Refusal is not null)
        {
            await call.RefuseAsync(result.Refusal);
            return;
        }

        await mail.AskToVerifyAsync(result.Account!, call.Aborted);
        await call.AnswerAsync(await arrival.GreetAsync(call.Http, result.Account!, result.Session!, isNew: true));
    }
}
