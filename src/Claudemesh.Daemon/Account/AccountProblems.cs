using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>What the account's part of the local API refuses, each with what to do.</summary>
internal static class AccountProblems
{
    public static LocalProblem NotLoggedIn(string? broker) => Of(
        LocalErrors.NotLoggedIn,
        broker is null ? "You are logged in nowhere; `claudemesh login BROKER` makes this machine one of your devices." : $"You are not logged in to {broker}; `claudemesh login {broker}` changes that.",
        401,
        ExitCode.Auth);

    public static LocalProblem Locked(StoredLogin login) => Of(
        LocalErrors.AccountLocked,
        $"The keychain ({login.Store}) does not give out the secret of {login.Username} on {login.Broker}: unlock it, or set {SecretStores.Variable}=file and log in again.",
        503,
        ExitCode.Auth,
        retryable: true);

    public static LocalProblem WhichBroker(IEnumerable<string> brokers) =>
        Of(LocalErrors.BrokerRequired, $"You have an account on several brokers; say which: {string.Join(", ", brokers)}.", 400, ExitCode.BadArguments);

    public static LocalProblem TokenHasNoKeys(StoredLogin login) => Of(
        LocalErrors.Forbidden,
        $"You are logged in to {login.Broker} with a token, and a token carries no keys. Log in as a device: claudemesh logout {login.Broker}, then claudemesh login {login.Broker}.",
        403,
        ExitCode.Denied);

    public static LocalProblem LoggedInAlready(StoredLogin login) => Of(
        LocalErrors.LoggedInAlready, $"This machine is logged in to {login.Broker} as {login.Username} already; `claudemesh logout {login.Broker}` ends that.", 409, ExitCode.Exists);

    public static LocalProblem LoginUnderWay(string broker) =>
        Of(LocalErrors.LoggedInAlready, $"A login to {broker} is under way on this machine already; end that one first.", 409, ExitCode.Exists);

    public static LocalProblem SignedOut(StoredLogin login) => Of(
        LocalErrors.SignedOut,
        $"The broker has signed this machine out of {login.Username}'s account. Its keys are still here; `claudemesh login {login.Broker}` signs in again.",
        401,
        ExitCode.Auth);

    public static LocalProblem NoAccounts(string broker) => Of(
        LocalErrors.NoAccounts, $"{broker} answers, but has no accounts: it is older than this program, or no claudemesh broker.", 404, ExitCode.NotFound);

    public static LocalProblem NotApproved(string why) => Of(
        LocalErrors.NotApproved, $"This was not approved by your device, so nothing of it was kept: {why}. Whoever runs the broker may be trying to be you.", 403, ExitCode.Denied);

    public static LocalProblem Denied() => Of(LocalErrors.LoginDenied, "The login was refused on your other device.", 403, ExitCode.Denied);

    public static LocalProblem Expired() => Of(
        LocalErrors.LoginExpired, "Nobody has approved the login in time; `claudemesh login` begins another.", 408, ExitCode.Cancelled, retryable: true);

    public static LocalProblem AnotherAccount(StoredLogin pinned, string shown) => Of(
        LocalErrors.AnotherAccount,
        $"This machine belongs to {pinned.Username} ({pinned.UserId}) on {pinned.Broker}, and the broker shows {shown}. Nothing was kept; `claudemesh logout --wipe {pinned.Broker}` gives the machine to another account.",
        409,
        ExitCode.Denied);

    public static LocalProblem ApprovalNeeded(string broker) => Of(
        LocalErrors.ApprovalNeeded,
        $"This account has its secret on other devices, and a password does not open it. `claudemesh login {broker}` asks one of them; `claudemesh recovery use {broker}` takes the recovery key when all are gone.",
        409,
        ExitCode.Auth);

    public static LocalProblem SecondFactorNeeded() =>
        Of(LocalErrors.SecondFactorNeeded, "The account has a second factor: give its code, or a recovery code.", 401, ExitCode.Auth);

    public static LocalProblem LastWayIn(string what) => Of(
        LocalErrors.LastWayIn,
        $"{what} is the last that opens this account: with it, everything that was ever written under its keys is lost for good, and nobody can bring it back. Make a recovery key first: claudemesh recovery new.",
        409,
        ExitCode.Denied);

    public static LocalProblem NoSuchDevice(string named) =>
        Of(LocalErrors.DeviceNotFound, $"No device of the account is called or has a key that begins with {named}; `claudemesh device list` shows them.", 404, ExitCode.NotFound);

    public static LocalProblem SeveralDevices(string named) =>
        Of(LocalErrors.AmbiguousName, $"Several devices are called {named}: name one by the beginning of its key, as `claudemesh device list` shows it.", 409, ExitCode.BadArguments);

    public static LocalProblem NoRenewal() => Of(LocalErrors.NoRenewal, "No other device has renewed the account's secret.", 404, ExitCode.NotFound);

    public static LocalProblem WrongRecoveryKey() => Of(
        LocalErrors.InvalidRequest, "That recovery key opens nothing of this account: it is of another account, or a newer one has taken its place.", 400, ExitCode.Auth);

    public static LocalProblem Invalid(string detail) => Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    /// <summary>A refusal of the broker's about the account, under its own code.</summary>
    /// <param name="status">The answer's; from it follows how the program ends.</param>
    public static LocalProblem Refused(string code, string message, int status) => status switch
    {
        401 => Of(code, message, status, ExitCode.Auth),
        403 => Of(code, message, status, code is LocalErrors.NotFresh ? ExitCode.Auth : ExitCode.Denied),
        404 => Of(code, message, status, ExitCode.NotFound),
        409 => Of(code, message, status, ExitCode.Exists),
        429 or >= 500 => Of(code, message, 503, ExitCode.Network, retryable: true),
        _ => Of(code, message, 400, ExitCode.BadArguments),
    };

    private static LocalProblem Of(string error, string detail, int status, ExitCode exitCode, bool retryable = false) =>
        LocalProblem.Of(error, detail, status, exitCode, retryable);
}
