using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Passkeys;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using static Claudemesh.Broker.Accounts.SignIn.SignInRoutes;

namespace Claudemesh.Broker.Accounts.Profile;

/// <summary>The account that is signed in, and what it is signed in with. What makes it easier to get in, or harder, asks for a fresh proof.</summary>
internal static class ProfileRoutes
{
    public static RestRoutes MapProfile(this RestRoutes routes) => routes.MapAccount().MapMyPasskeys().MapMyPassword().MapMySecondFactor();

    private static RestRoutes MapAccount(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/account", Operation.ReadAccount, KeyReach.Workspace, "Your account.", Run<MyAccountEndpoint>(static (door, call) => door.ShowAsync(call)))
        {
            Root = RestRoutes.My, Reply = typeof(MyAccount),
        })
        .Add(new RestRoute("PATCH", "/account", Operation.ChangeAccount, KeyReach.Workspace, "Changes your names.", Run<MyAccountEndpoint>(static (door, call) => door.ChangeAsync(call)))
        {
            Root = RestRoutes.My, Body = typeof(ChangeAccount), Reply = typeof(MyAccount),
        })
        .Add(new RestRoute("DELETE", "/account", Operation.SecureAccount, KeyReach.Workspace, "Deletes your account.", Run<MyAccountEndpoint>(static (door, call) => door.DeleteAsync(call)))
        {
            Root = RestRoutes.My, Body = typeof(DeleteAccount), Status = 204, Refusals = [MeshError.ConfirmationWrong, MeshError.OwnsWorkspaces],
        })
        .Add(new RestRoute("GET", "/export", Operation.ChangeAccount, KeyReach.Workspace, "Everything that the broker keeps about your account.", Run<MyAccountEndpoint>(static (door, call) => door.ExportAsync(call)))
        {
            Root = RestRoutes.My, Reply = typeof(AccountExport),
        })
        .Add(new RestRoute("POST", "/email/verification", Operation.ChangeAccount, KeyReach.Workspace, "Asks for another letter to your address.", Run<MailEndpoint>(static (door, call) => door.AskAsync(call)))
        {
            Root = RestRoutes.My, Status = 204, Refusals = [MeshError.MailAbsent, MeshError.AddressRate],
        });

    private static RestRoutes MapMyPasskeys(this RestRoutes routes) => routes
        .Add(new RestRoute("POST", "/passkeys/options", Operation.SecureAccount, KeyReach.Workspace, "Begins another passkey.", Run<MyPasskeysEndpoint>(static (door, call) => door.BeginAsync(call)))
        {
            Root = RestRoutes.My, Reply = typeof(PasskeyCeremony), Refusals = [MeshError.SignInBusy],
        })
        .Add(new RestRoute("POST", "/passkeys", Operation.SecureAccount, KeyReach.Workspace, "Adds a passkey.", Run<MyPasskeysEndpoint>(static (door, call) => door.AddAsync(call)))
        {
            Root = RestRoutes.My, Body = typeof(AddPasskey), BodyBytesMax = PasskeyCalls.BodyBytesMax, Reply = typeof(PasskeyInfo), Status = 201,
            Refusals = [MeshError.CeremonyInvalid, MeshError.PasskeyRefused, MeshError.PasskeySecretSent, MeshError.TooManyPasskeys],
        })
        .Add(new RestRoute("PATCH", $"/passkeys/{{{MyPasskeysEndpoint.Id}}}", Operation.ChangeAccount, KeyReach.Workspace, "Names a passkey.", Run<MyPasskeysEndpoint>(static (door, call) => door.RenameAsync(call)))
        {
            Root = RestRoutes.My, Body = typeof(RenamePasskey), Status = 204, Refusals = [MeshError.PasskeyNotFound],
        })
        .Add(new RestRoute("DELETE", $"/passkeys/{{{MyPasskeysEndpoint.Id}}}", Operation.SecureAccount, KeyReach.Workspace, "Removes a passkey.", Run<MyPasskeysEndpoint>(static (door, call) => door.RemoveAsync(call)))
        {
            Root = RestRoutes.My, Status = 204, Refusals = [MeshError.PasskeyNotFound, MeshError.LastWayIn],
        });

    private static RestRoutes MapMyPassword(this RestRoutes routes) => routes
        .Add(new RestRoute("PUT", "/password", Operation.SecureAccount, KeyReach.Workspace, "Sets your password.", Run<MyPasswordEndpoint>(static (door, call) => door.SetAsync(call)))
        {
            Root = RestRoutes.My, Body = typeof(SetPassword), Status = 204, Refusals = [MeshError.PasswordRefused, MeshError.SignInBusy],
        })
        .Add(new RestRoute("DELETE", "/password", Operation.SecureAccount, KeyReach.Workspace, "Removes your password, and its second factor.", Run<MyPasswordEndpoint>(static (door, call) => door.RemoveAsync(call)))
        {
            Root = RestRoutes.My, Status = 204, Refusals = [MeshError.LastWayIn],
        });

    private static RestRoutes MapMySecondFactor(this RestRoutes routes) => routes
        .Add(new RestRoute("POST", "/totp", Operation.SecureAccount, KeyReach.Workspace, "Begins an authenticator.", Run<MySecondFactorEndpoint>(static (door, call) => door.BeginAsync(call)))
        {
            Root = RestRoutes.My, Reply = typeof(TotpSecret), Refusals = [MeshError.PasswordMissing, MeshError.TotpExists],
        })
        .Add(new RestRoute("PUT", "/totp", Operation.ChangeAccount, KeyReach.Workspace, "Makes the authenticator count, by its first code.", Run<MySecondFactorEndpoint>(static (door, call) => door.ConfirmAsync(call)))
        {
            Root = RestRoutes.My, Body = typeof(ConfirmTotp), Status = 204, Refusals = [MeshError.TotpNotBegun, MeshError.CodeInvalid, MeshError.SignInWait],
        })
        .Add(new RestRoute("DELETE", "/totp", Operation.SecureAccount, KeyReach.Workspace, "Removes the authenticator, and its recovery codes.", Run<MySecondFactorEndpoint>(static (door, call) => door.RemoveAsync(call)))
        {
            Root = RestRoutes.My, Status = 204,
        })
        .Add(new RestRoute("POST", "/recovery-codes", Operation.SecureAccount, KeyReach.Workspace, "Makes ten recovery codes in place of those before.", Run<MySecondFactorEndpoint>(static (door, call) => door.MakeCodesAsync(call)))
        {
            Root = RestRoutes.My, Reply = typeof(RecoveryCodes), Refusals = [MeshError.TotpNotBegun],
        });
}
