using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Accounts.Oidc;

/// <summary>
/// Sends a browser to the provider and takes it back. Who comes back signed in there is the account that is linked to him; who has none gets one as
/// sign-ups are allowed here. An account that is there is linked only by who was signed in to it when he set out: an address proves nothing.
/// </summary>
internal sealed partial class OidcEndpoint(
    BrokerSettings settings, PublicAddress address, OidcClient client, Ceremonies ceremonies, BrowserMarks marks, BrowserArrival arrival,
    SignUpTickets tickets, SignUps signUps, Credentials credentials, LoginSessions sessions, AccountStore accounts, Database database, TimeProvider clock,
    ILogger<OidcEndpoint> logger)
{
    public const string ReturnTo = "returnTo";
    public const string Setup = "setup";
    public const string Invite = "invite";
    public const string Code = "code";
    public const string State = "state";

    private const int TextCharsMax = 512;
    private const int CodeCharsMax = 4096;

    private string Redirect => address.LinkTo("/api/auth/oidc/callback");

    public async Task StartAsync(RestCall call)
    {
        if (settings.Oidc is not { } provider)
        {
            await call.RefuseAsync(MeshError.OidcAbsent);
            return;
        }

        Trip trip = new(NewSecret(), NewSecret(), Local(call.Text(ReturnTo, TextCharsMax)), await FindTicketAsync(call), Session: "");
        if (call.Fault is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        SignedIn? present = (await credentials.ReadAsync(call.Http, MeshError.SignInRequired)).Account;
        call.Http.Response.Headers.Remove(HeaderNames.WWWAuthenticate);
        if (present?.Session?.IsFresh(clock.GetUtcNow()) == false)
        {
            await call.RefuseAsync(MeshError.FreshAuthenticationRequired);
            return;
        }

        trip = trip with { Session = present?.Session?.Id ?? "" };
        Ceremony ceremony = new(CeremonyKind.Oidc, marks.Bind(call.Http), present?.Account.No, About: trip.Write(), User: present?.Account.Id);
        if (await ceremonies.BeginAsync(ceremony, call.Aborted) is not { } id)
        {
            await call.RefuseAsync(MeshError.SignInBusy);
            return;
        }

        try
        {
            Go(call, (await client.AuthorizeAsync(provider, Redirect, id, trip.Nonce, trip.Verifier, call.Aborted)).ToString());
        }
        catch (OidcException failure)
        {
            LogFailed(failure);
            Go(call, Failed(MeshError.OidcRefused));
        }
    }

    public async Task ReturnAsync(RestCall call)
    {
        if (settings.Oidc is not { } provider)
        {
            await call.RefuseAsync(MeshError.OidcAbsent);
            return;
        }

        string? code = call.Text(Code, CodeCharsMax);
        string? state = call.Text(State, WireId.CharsMax);
        Ceremony? ceremony = state is null ? null : await ceremonies.TakeAsync(CeremonyKind.Oidc, state, marks.ReadBinding(call.Http), call.Aborted);
        if (ceremony is null || code is null)
        {
            Go(call, Failed(ceremony is null ? MeshError.CeremonyInvalid : MeshError.OidcRefused));
            return;
        }

        Trip trip = Trip.Read(ceremony.About);
        try
        {
            OidcPerson person = await client.RedeemAsync(provider, Redirect, code, trip.Nonce, trip.Verifier, call.Aborted);
            MeshError? refusal = await AdmitAsync(call, provider.Issuer.ToString(), ceremony, trip, person);
            Go(call, refusal is null ? address.LinkTo(trip.ReturnTo) : Failed(refusal));
        }
        catch (OidcException failure)
        {
            LogFailed(failure);
            Go(call, Failed(MeshError.OidcRefused));
        }
    }

    private async Task<MeshError?> AdmitAsync(RestCall call, string issuer, Ceremony ceremony, Trip trip, OidcPerson person)
    {
        if (ceremony.Account is { } linking)
        {
            return await sessions.FindAsync(trip.Session, call.Aborted) is not { } live || live.Account.No != linking ? MeshError.TokenInvalid
                : await database.WriteAsync(scope => OidcLinks.Add(scope, issuer, person.Subject, linking), call.Aborted) ? null
                : MeshError.OidcLinkedElsewhere;
        }

        Account? account = await database.ReadAsync(
            (Sql sql) => OidcLinks.Find(sql, issuer, person.Subject) is { } no ? AccountStore.Find(sql, no) : null, call.Aborted);
        if (account is null)
            return await SignUpAsync(call, issuer, trip, person);

        await arrival.AdmitAsync(call.Http, account);
        return null;
    }

    private async Task<MeshError?> SignUpAsync(RestCall call, string issuer, Trip trip, OidcPerson person)
    {
        (SignUpTicket? ticket, MeshError? refusal) = trip.Ticket.Length == 0
            ? await tickets.FindAsync(setup: null, invite: null, call.Aborted)
            : (SignUpTicket.Read(trip.Ticket), null);
        if (ticket is null || !await tickets.IsGoodAsync(ticket, call.Aborted))
            return refusal ?? ticket!.Refusal;

        foreach (Username name in OidcNames.UsernamesFor(person))
        {
            if (await accounts.FindByNameAsync(name.Skeleton, call.Aborted) is not null)
                continue;

            EmailAddress? email = EmailAddress.TryParse(person.Email, out EmailAddress said) ? said : null;
            NewAccount plan = SignUps.Plan(UserId.Parse(RandomBytes.NextId()), name, OidcNames.DisplayNameFor(person, name), email, ticket);
            SignUpResult made = await signUps.MakeAsync(plan, ticket, call.Http, (scope, no) => AddLink(scope, issuer, person, no));
            if (made.Account is not null)
                await arrival.GreetAsync(call.Http, made.Account, made.Session!, isNew: true);
            if (made.Refusal != MeshError.UsernameTaken)
                return made.Refusal;
        }

        return MeshError.UsernameTaken;
    }

    /// <summary>The provider has seen that the address is his.</summary>
    private static void AddLink(WriteScope scope, string issuer, OidcPerson person, AccountNo account)
    {
        OidcLinks.Add(scope, issuer, person.Subject, account);
        scope.Sql.Execute("UPDATE account SET email_verified_at = @now WHERE no = @no AND email IS NOT NULL", ("@now", scope.Now.Micros), ("@no", account.Value));
    }

    private static void Go(RestCall call, string where)
    {
        call.Http.Response.Headers.CacheControl = "no-store";
        call.Http.Response.Redirect(where);
    }

    private string Failed(MeshError error) => address.LinkTo("/sign-in?error=" + error.Code);

    /// <summary>A path of this broker: nobody is sent on to another site by a link to this one.</summary>
    private static string Local(string? path) =>
        path is { Length: > 0 } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.Any(static letter => letter is '\\' or < ' ' or > '~')
            ? path : "/";

    /// <summary>Why he may make an account, should he have none; empty where nothing that is good was given.</summary>
    private async ValueTask<string> FindTicketAsync(RestCall call)
    {
        string? setup = call.Text(Setup, WireId.CharsMax);
        string? invite = call.Text(Invite, WireId.CharsMax);
        return (setup ?? invite) is null ? "" : (await tickets.FindAsync(setup, invite, call.Aborted)).Ticket?.Write() ?? "";
    }

    private static string NewSecret() => OneTimeToken.Generate().Reveal();

    /// <summary>What is wanted of the sign-in when the browser comes back.</summary>
    private sealed record Trip(string Verifier, string Nonce, string ReturnTo, string Ticket, string Session)
    {
        public string Write() => string.Join('\n', Verifier, Nonce, ReturnTo, Ticket, Session);

        public static Trip Read(string text) => text.Split('\n') is [var verifier, var nonce, var returnTo, var ticket, var session]
            ? new Trip(verifier, nonce, returnTo, ticket, session)
            : throw new InvalidOperationException("The ceremony is not of a sign-in elsewhere.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The OpenID provider was not believed")]
    private partial void LogFailed(Exception failure);
}
