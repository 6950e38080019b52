using System.Text.Json.Serialization;

namespace Claudemesh.Local;

/// <summary>Makes this machine a device of an account; answered by a stream of <see cref="LoginStep"/>. Who stops reading cancels it.</summary>
/// <param name="Broker">Null: the broker used last.</param>
/// <param name="DeviceName">What the account's owner will see this machine as; null: the machine's own name.</param>
/// <param name="Remote">True: the page that approves is on another computer, so this one listens for nothing.</param>
public sealed record StartLogin(string? Broker = null, string? DeviceName = null, bool Remote = false);

/// <summary>How a login goes on; which of the records is set follows from <see cref="Kind"/>.</summary>
/// <param name="Kind">One of <see cref="LoginSteps"/>.</param>
public sealed record LoginStep(string Kind, LoginPrompt? Prompt = null, LoginNote? Note = null, LoggedIn? Done = null, LocalProblem? Problem = null);

public static class LoginSteps
{
    /// <summary>What is to be shown to the person; data is <see cref="LoginPrompt"/>.</summary>
    public const string Prompt = "prompt";

    /// <summary>Something has happened on the way; data is <see cref="LoginNote"/>.</summary>
    public const string Note = "note";

    /// <summary>The last step; data is <see cref="LoggedIn"/>.</summary>
    public const string Done = "done";

    /// <summary>The last step; data is <see cref="LocalProblem"/>.</summary>
    public const string Problem = "problem";
}

/// <param name="Link">For a browser: it carries this machine's key and the pairing secret behind its <c>#</c>, which no server is sent.</param>
/// <param name="Page">The same page without anything, for who types.</param>
/// <param name="UserCode">To be typed there: <c>ABCD-EFGH</c>.</param>
/// <param name="Pairing">To be typed there too: 26 characters, and never to be given to anybody who asks for them.</param>
/// <param name="Listens">Whether a browser on this computer can prove that it is on this computer.</param>
public sealed record LoginPrompt(string Link, string Page, string UserCode, string Pairing, DateTimeOffset ExpiresAt, bool Listens)
{
    public override string ToString() => $"(login {UserCode})";
}

public sealed record LoginNote(string Text);

/// <param name="Notes">What its person should know, one sentence each.</param>
public sealed record LoggedIn(MyAccount Account, IReadOnlyList<string> Notes);

/// <summary>Signs in with a password in the terminal. The daemon keeps neither password nor code.</summary>
/// <param name="Code">The second factor's, where the account has one.</param>
/// <param name="RecoveryKey">Given when every device is gone: it opens the account's secret.</param>
public sealed record PasswordLogin(string? Broker, string Username, string Password, string? Code = null, string? DeviceName = null, string? RecoveryKey = null)
{
    public override string ToString() => $"(login of {Username})";
}

/// <summary>Makes an account with a password, and this machine its first device.</summary>
/// <param name="Invite">The id of an invite that lets make an account; null where none is needed.</param>
/// <param name="Setup">The token of the broker's setup link: the first account, its operator's.</param>
public sealed record SignUp(
    string? Broker, string Username, string DisplayName, string Password, string? Email = null, string? Invite = null, string? Setup = null, string? DeviceName = null)
{
    public override string ToString() => $"(sign-up of {Username})";
}

/// <summary>Signs in with a personal access token: it carries no keys.</summary>
public sealed record TokenLogin(string? Broker, string Token)
{
    public override string ToString() => "(login by token)";
}

/// <summary>An account that this machine is signed in to, as far as is known without asking anybody.</summary>
/// <param name="Kind">One of <see cref="AccountKinds"/>.</param>
/// <param name="State">One of <see cref="AccountStates"/>.</param>
/// <param name="Device">This machine's key, 64 hexadecimal digits; null with a token.</param>
/// <param name="Key">The account's own key; null with a token.</param>
/// <param name="Generation">Of the account's secret; it rises when a lost device is shut out.</param>
/// <param name="Store">Where the secret is: <c>file</c>, <c>libsecret</c> or <c>keychain</c>.</param>
/// <param name="ConfirmedAt">When the broker last said that this is so; null: never.</param>
/// <param name="Stale">Null, or why the broker could not be asked now.</param>
/// <param name="HasRecovery">Whether a recovery key or a passkey could open the account without any device; null: not known.</param>
/// <param name="Renewal">The generation that another device has begun and that waits for this one's person; null: none.</param>
public sealed record MyAccount(
    string Broker,
    string Kind,
    string State,
    string UserId,
    string Username,
    string DisplayName,
    string? DeviceName,
    string? Device,
    string? Key,
    long Generation,
    string Store,
    DateTimeOffset? ConfirmedAt,
    string? Stale,
    bool? HasRecovery,
    long? Renewal,
    IReadOnlyList<AccountWorkspace> Workspaces)
{
    /// <summary>What its person should do next, in words; null when nothing is open.</summary>
    public string? FindHint() => this switch
    {
        { Renewal: { } generation } =>
            $"Another of your devices has renewed the secret of your account on {Broker} (generation {generation}): claudemesh device accept-renewal",
        { State: AccountStates.SignedOut or AccountStates.LoggedOut } => $"This machine is not signed in to {Broker}: claudemesh login {Broker}",
        { Kind: AccountKinds.Device, HasRecovery: false, State: AccountStates.SignedIn } =>
            $"There is no recovery key for your account on {Broker}: should all your devices be gone, so is everything that was written to you. claudemesh recovery new",
        _ => null,
    };
}

public static class AccountKinds
{
    public const string Device = "device";
    public const string Token = "token";
}

public static class AccountStates
{
    public const string SignedIn = "signed_in";

    /// <summary>The broker has ended this machine's session, or nobody has signed in since it was made. Keys are still here.</summary>
    public const string SignedOut = "signed_out";

    /// <summary>The system's keychain does not give the secret out.</summary>
    public const string Locked = "locked";

    /// <summary>Its person has logged out: no secret is here.</summary>
    public const string LoggedOut = "logged_out";
}

/// <summary>A workspace of the account.</summary>
/// <param name="State">One of <see cref="AccountWorkspaceStates"/>.</param>
public sealed record AccountWorkspace(string MeshId, string Slug, string Name, string Role, string State);

public static class AccountWorkspaceStates
{
    /// <summary>Open on this machine.</summary>
    public const string Here = "here";

    /// <summary>The account's member there has a key that only another machine has.</summary>
    public const string OtherKey = "other_key";

    public const string Archived = "archived";

    /// <summary>Its key comes from an account that this machine is not signed in to now.</summary>
    public const string Locked = "locked";
}

public sealed record AccountList(IReadOnlyList<MyAccount> Accounts);

/// <param name="Wipe">Deletes everything in the daemon's folder that came from the account, too.</param>
/// <param name="Final">Its person has read that nothing opens the account afterwards.</param>
public sealed record Logout(string? Broker = null, bool Wipe = false, bool Final = false);

/// <param name="Told">Whether the broker knows: it has ended the session.</param>
/// <param name="Unreachable">Workspaces whose key is gone from here until the next login.</param>
public sealed record LoggedOut(string Broker, string Username, bool Told, bool Wiped, IReadOnlyList<string> Unreachable);

/// <param name="Key">64 hexadecimal digits: a device is its key.</param>
/// <param name="Kind">What it says it is: a platform, or <c>browser</c>.</param>
/// <param name="ApprovedBy">The device that let it in; null: it made the account's secret.</param>
/// <param name="Proven">Whether the account's own key signed it in; false: the broker shows a device that nobody let in.</param>
public sealed record Device(
    string Key, string Name, string Kind, DateTimeOffset AddedAt, string? ApprovedBy, DateTimeOffset? LastSeenAt, bool Current, bool Proven);

public sealed record DeviceList(string Broker, IReadOnlyList<Device> Devices);

/// <summary>Another machine that asks to become a device of the account.</summary>
/// <param name="Address">Where it asked from.</param>
/// <param name="SameComputer">Whether it listens on this computer. Everything else is remote: it becomes you from afar.</param>
public sealed record DeviceRequest(
    string Broker, string UserCode, string Key, string Name, string? Platform, string Address, bool SameComputer, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Lets a machine in.</summary>
/// <param name="Link">The whole link that it showed, or its user code.</param>
/// <param name="Pairing">With a user code: the 26 characters that it showed.</param>
/// <param name="TypedName">The machine's name as its person typed it; needed for a remote one.</param>
/// <param name="Password">Proves the person anew where the last proof is old.</param>
public sealed record ApproveDevice(string? Broker, string Link, string? Pairing = null, string? TypedName = null, string? Password = null, string? Code = null)
{
    public override string ToString() => "(device approval)";
}

public sealed record DenyDevice(string? Broker, string Link);

/// <param name="Name">Of the machine that was let in, or not.</param>
public sealed record DeviceDecision(string Broker, string Name, string Key, bool Approved);

/// <param name="Device">Its name, its key, or the beginning of one.</param>
/// <param name="Compromised">Makes a new secret without it: every workspace gets a new key.</param>
public sealed record RemoveDevice(string? Broker, string Device, bool Compromised = false, string? Password = null, string? Code = null)
{
    public override string ToString() => $"(removal of {Device})";
}

/// <param name="Generation">Of the new secret; null where there is none.</param>
/// <param name="RecoveryKey">The new recovery key, shown once; null where there is none.</param>
/// <param name="Renewed">Workspaces that have the new key.</param>
/// <param name="Waiting">Workspaces that get it as soon as their broker can be reached.</param>
public sealed record RemovedDevice(
    string Broker, string Name, string Key, long? Generation, string? RecoveryKey, IReadOnlyList<string> Renewed, IReadOnlyList<string> Waiting)
{
    public override string ToString() => $"(removal of {Name})";
}

/// <summary>Takes over the secret that another device of the account has made.</summary>
public sealed record AcceptRenewal(string? Broker = null);

/// <param name="By">The device that made it.</param>
/// <param name="Removed">The keys of the devices that it shut out.</param>
public sealed record RenewalOffer(string Broker, long Generation, string By, IReadOnlyList<string> Removed, DateTimeOffset At);

public sealed record AcceptedRenewal(string Broker, long Generation, IReadOnlyList<string> Waiting);

/// <param name="Broker">Null: the only one.</param>
public sealed record MakeRecovery(string? Broker = null);

/// <summary>A recovery key that nothing depends on yet.</summary>
/// <param name="Key">Nine groups of four characters, shown once.</param>
public sealed record MadeRecovery(string Broker, string Key)
{
    public override string ToString() => "(recovery key)";
}

/// <summary>From now on this key opens the account: its person has written it down.</summary>
public sealed record KeepRecovery(string? Broker, string Key, string? Password = null, string? Code = null)
{
    public override string ToString() => "(recovery key)";
}

/// <param name="Replaced">Whether an older one does not open the account any more.</param>
public sealed record KeptRecovery(string Broker, bool Replaced);

/// <summary>The records of the account, apart from the others: programs that never log in do not carry them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(AcceptedRenewal))]
[JsonSerializable(typeof(AcceptRenewal))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(ApproveDevice))]
[JsonSerializable(typeof(DenyDevice))]
[JsonSerializable(typeof(DeviceDecision))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(DeviceRequest))]
[JsonSerializable(typeof(KeepRecovery))]
[JsonSerializable(typeof(KeptRecovery))]
[JsonSerializable(typeof(LocalProblem))]
[JsonSerializable(typeof(LoggedIn))]
[JsonSerializable(typeof(LoggedOut))]
[JsonSerializable(typeof(LoginNote))]
[JsonSerializable(typeof(LoginPrompt))]
[JsonSerializable(typeof(Logout))]
[JsonSerializable(typeof(MadeRecovery))]
[JsonSerializable(typeof(MakeRecovery))]
[JsonSerializable(typeof(PasswordLogin))]
[JsonSerializable(typeof(RemovedDevice))]
[JsonSerializable(typeof(RemoveDevice))]
[JsonSerializable(typeof(RenewalOffer))]
[JsonSerializable(typeof(SignUp))]
[JsonSerializable(typeof(StartLogin))]
[JsonSerializable(typeof(TokenLogin))]
public sealed partial class AccountJson : JsonSerializerContext;
