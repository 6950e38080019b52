namespace Claudemesh.Protocol;

/// <summary>Signed in: the cookies are set.</summary>
/// <param name="Csrf">Sent as <c>X-CSRF-Token</c> with whatever changes something.</param>
/// <param name="FreshUntil">What needs a fresh proof is allowed until then.</param>
public sealed record SignedIn(AccountSummary Account, string Csrf, DateTimeOffset FreshUntil);
