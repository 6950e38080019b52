using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Oidc;
using Claudemesh.Broker.Accounts.Passkeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>The routes by which somebody shows who he is. Most ask nobody for a credential: getting one is what they are for.</summary>
internal static class SignInRoutes
{
    private static readonly MeshError[] OfSignUp =
        [MeshError.SetupLinkInvalid, MeshError.InviteRequired, MeshError.SignUpClosed, MeshError.UsernameTaken, MeshError.SignInBusy, MeshError.CsrfRefused];

    private static readonly MeshError[] OfPasskey = [MeshError.CeremonyInvalid, MeshError.PasskeyRefused, MeshError.PasskeySecretSent, MeshError.CsrfRefused];

    public static RestRoutes MapSignIn(this RestRoutes routes) => routes.MapPasswords().MapPasskeys().MapFresh().MapOthers();

    private static RestRoutes MapPasswords(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/state", null, KeyReach.Workspace, "Tells who is signed in, and what can be done where nobody is.", Run<StateEndpoint>(static (door, call) => door.HandleAsync(call)))
        {
            Root = RestRoutes.Auth, Reply = typeof(AuthState),
        })
        .Add(new RestRoute("POST", "/sign-up", null, KeyReach.Workspace, "Makes an account with a password, and signs in.", Run<SignUpEndpoint>(static (door, call) => door.HandleAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(SignUp), Reply = typeof(SignedInBrowser), Status = 201, Refusals = [.. OfSignUp, MeshError.PasswordRefused],
        })
        .Add(new RestRoute("POST", "/sign-in", null, KeyReach.Workspace, "Signs in by name and password.", Run<SignInEndpoint>(static (door, call) => door.HandleAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(Protocol.SignIn), Reply = typeof(SignInStep), Refusals = [MeshError.SignInFailed, MeshError.SignInWait, MeshError.SignInBusy, MeshError.CsrfRefused],
        })
        .Add(new RestRoute("POST", "/second-factor", null, KeyReach.Workspace, "Ends a sign-in by a code.", Run<SignInEndpoint>(static (door, call) => door.HandleCodeAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(Protocol.SecondFactor), Reply = typeof(SignInStep), Refusals = [MeshError.CeremonyInvalid, MeshError.CodeInvalid, MeshError.SignInWait, MeshError.CsrfRefused],
        });

    private static RestRoutes MapPasskeys(this RestRoutes routes) => routes
        .Add(new RestRoute("POST", "/passkeys/sign-up-options", null, KeyReach.Workspace, "Begins an account with a passkey.", Run<PasskeySignUpEndpoint>(static (door, call) => door.BeginAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(PasskeySignUp), Reply = typeof(PasskeyCeremony), Refusals = OfSignUp,
        })
        .Add(new RestRoute("POST", "/passkeys/sign-up", null, KeyReach.Workspace, "Makes the account, and signs in.", Run<PasskeySignUpEndpoint>(static (door, call) => door.EndAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(PasskeyAnswer), BodyBytesMax = PasskeyCalls.BodyBytesMax, Reply = typeof(SignedInBrowser), Status = 201,
            Refusals = [.. OfSignUp, MeshError.CeremonyInvalid, MeshError.PasskeyRefused, MeshError.PasskeySecretSent],
        })
        .Add(new RestRoute("POST", "/passkeys/options", null, KeyReach.Workspace, "Begins a sign-in by a passkey.", Run<PasskeySignInEndpoint>(static (door, call) => door.BeginAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(PasskeySignIn), Reply = typeof(PasskeyCeremony), Refusals = [MeshError.SignInBusy, MeshError.CsrfRefused],
        })
        .Add(new RestRoute("POST", "/passkeys/sign-in", null, KeyReach.Workspace, "Signs in by a passkey.", Run<PasskeySignInEndpoint>(static (door, call) => door.EndAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(PasskeyAnswer), BodyBytesMax = PasskeyCalls.BodyBytesMax, Reply = typeof(SignedInBrowser), Refusals = OfPasskey,
        });

    private static RestRoutes MapFresh(this RestRoutes routes) => routes
        .Add(new RestRoute("POST", "/fresh/password", Operation.ChangeAccount, KeyReach.Workspace, "Shows again who you are, by the password.", Run<FreshEndpoint>(static (door, call) => door.HandleAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(FreshPassword), Reply = typeof(Fresh),
            Refusals = [MeshError.SignInFailed, MeshError.CodeInvalid, MeshError.SignInWait, MeshError.SignInBusy],
        })
        .Add(new RestRoute("POST", "/fresh/passkey-options", Operation.ChangeAccount, KeyReach.Workspace, "Begins to show again who you are.", Run<PasskeyFreshEndpoint>(static (door, call) => door.BeginAsync(call)))
        {
            Root = RestRoutes.Auth, Reply = typeof(PasskeyCeremony), Refusals = [MeshError.SignInBusy],
        })
        .Add(new RestRoute("POST", "/fresh/passkey", Operation.ChangeAccount, KeyReach.Workspace, "Shows again who you are, by a passkey.", Run<PasskeyFreshEndpoint>(static (door, call) => door.EndAsync(call)))
        {
            Root = RestRoutes.Auth, Body = typeof(PasskeyAnswer), BodyBytesMax = PasskeyCalls.BodyBytesMax, Reply = typeof(Fresh),
            Refusals = [MeshError.CeremonyInvalid, MeshError.PasskeyRefused, MeshError.PasskeySecretSent],
        });

    private static RestRoutes MapOthers(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/oidc/start", null, KeyReach.Workspace, "Sends the browser to the OpenID provider; of who is signed in, to link him.", Run<OidcEndpoint>(static (door, call) => door.StartAsync(call)))
        {
            Root = RestRoutes.Auth,
            Status = 302,
            Query =
            [
                new RestParameter(OidcEndpoint.ReturnTo, "A path of this broker to come back to."),
                new RestParameter(OidcEndpoint.Setup, "The token of the set-up link."),
                new RestParameter(OidcEndpoint.Invite, "The id of an open invite."),
            ],
            Refusals = [MeshError.OidcAbsent, MeshError.FreshAuthenticationRequired, MeshError.SignInBusy],
        })
        .Add(new RestRoute("GET", "/oidc/callback", null, KeyReach.Workspace, "Takes the browser back from the OpenID provider.", Run<OidcEndpoint>(static (door, call) => door.ReturnAsync(call)))
        {
            Root = RestRoutes.Auth,
            Status = 302,
            TakesOtherParameters = true,
            Query = [new RestParameter(OidcEndpoint.Code, "What the provider gives."), new RestParameter(OidcEndpoint.State, "What it was sent.")],
            Refusals = [MeshError.OidcAbsent],
        })
        .Add(new RestRoute("GET", "/mail/verify", null, KeyReach.Workspace, "The link of a letter: shows that an address is the account's.", Run<MailEndpoint>(static (door, call) => door.VerifyAsync(call)))
        {
            Root = RestRoutes.Auth,
            Status = 302,
            Query = [new RestParameter(MailEndpoint.Token, "From the letter.")],
        });

    /// <summary>A capability's way of answering a call.</summary>
    public static Func<RestCall, Task> Run<T>(Func<T, RestCall, Task> handle)
        where T : notnull => call => handle(call.Get<T>(), call);
}
