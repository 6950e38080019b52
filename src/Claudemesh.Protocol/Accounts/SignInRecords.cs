using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>What a page that is opened must know first: <c>GET /api/auth/state</c>.</summary>
/// <param name="NeedsSetup">There is no account yet: the first is made by the link that the broker printed when it started.</param>
/// <param name="Oidc">Null: nobody else vouches for people here.</param>
/// <param name="Mail">Whether the broker sends mail.</param>
/// <param name="Account">Null: not signed in.</param>
/// <param name="Csrf">What a signed-in page sends with whatever it changes, as <c>X-CSRF-Token</c>.</param>
public sealed record AuthState(bool NeedsSetup, SignUpRule SignUp, bool Mail, OidcName? Oidc = null, AccountSummary? Account = null, string? Csrf = null);

/// <param name="Name">How the button is called.</param>
public sealed record OidcName(string Name);

/// <summary>Who may make an account.</summary>
[JsonConverter(typeof(WordConverter<SignUpRule>))]
public enum SignUpRule
{
    /// <summary>Whoever has an open invite, to a workspace or to the broker.</summary>
    Invite,

    Open,

    Closed,
}

/// <summary>The body of <c>POST /api/auth/sign-up</c>; answered by <see cref="SignedInBrowser"/>.</summary>
/// <param name="Setup">The token of the set-up link: makes the first account, which runs the broker.</param>
/// <param name="Invite">The id of an open invite.</param>
public sealed record SignUp(
    Username Username, DisplayName DisplayName, Password Password, EmailAddress? Email = null, string? Setup = null, string? Invite = null) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("setup", Setup, WireId.CharsMax) ?? Limit.TooLong("invite", Invite, WireId.CharsMax);
}

/// <summary>The body of <c>POST /api/auth/sign-in</c>; answered by <see cref="SignInStep"/>.</summary>
/// <param name="Username">As it was written at sign-up, or in any spelling that looks like it.</param>
public sealed record SignIn(string Username, Password Password) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("username", Username, EmailAddress.CharsMax);
}

/// <summary>Signed in; or, where <paramref name="SecondFactor"/> is there and nothing else, half way.</summary>
/// <param name="SecondFactor">The ceremony that <c>POST /api/auth/second-factor</c> ends, within five minutes.</param>
public sealed record SignInStep(AccountSummary? Account = null, string? Csrf = null, DateTimeOffset? FreshUntil = null, string? SecondFactor = null);

/// <param name="Ceremony">From <see cref="SignInStep"/>.</param>
/// <param name="Code">Six digits of the authenticator, or a recovery code.</param>
public sealed record SecondFactor(string Ceremony, string Code) : ILimited
{
    public const int CodeCharsMax = 40;

    string? ILimited.FindFault() => Limit.TooLong("ceremony", Ceremony, WireId.CharsMax) ?? Limit.TooLong("code", Code, CodeCharsMax);
}

/// <summary>Proves again who one is: the body of <c>POST /api/auth/fresh/password</c>.</summary>
/// <param name="Code">Of the second factor, where the account has one.</param>
public sealed record FreshPassword(Password Password, string? Code = null) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("code", Code, SecondFactor.CodeCharsMax);
}

/// <param name="FreshUntil">What needs a fresh proof is allowed until then.</param>
public sealed record Fresh(DateTimeOffset FreshUntil);

/// <summary>Asks for a passkey sign-up: answered by <see cref="PasskeyCeremony"/>.</summary>
/// <inheritdoc cref="Claudemesh.Protocol.SignUp"/>
public sealed record PasskeySignUp(
    Username Username, DisplayName DisplayName, EmailAddress? Email = null, string? Setup = null, string? Invite = null) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("setup", Setup, WireId.CharsMax) ?? Limit.TooLong("invite", Invite, WireId.CharsMax);
}

/// <param name="Username">Null: the authenticator knows whose it is.</param>
public sealed record PasskeySignIn(string? Username = null) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("username", Username, EmailAddress.CharsMax);
}

/// <summary>What the browser is asked for.</summary>
/// <param name="Ceremony">Sent back with the answer; good once, for five minutes, in the browser that asked.</param>
/// <param name="Options">For <c>PublicKeyCredential.parseCreationOptionsFromJSON</c> or <c>parseRequestOptionsFromJSON</c>.</param>
public sealed record PasskeyCeremony(string Ceremony, JsonElement Options);

/// <summary>The authenticator's answer.</summary>
/// <param name="Credential">
/// <c>credential.toJSON()</c> with <c>clientExtensionResults</c> emptied: what a passkey derives opens the recovery of the account secret, and a body that has
/// it in it is refused.
/// </param>
public sealed record PasskeyAnswer(string Ceremony, JsonElement Credential) : ILimited
{
    string? ILimited.FindFault() => Limit.TooLong("ceremony", Ceremony, WireId.CharsMax);
}
