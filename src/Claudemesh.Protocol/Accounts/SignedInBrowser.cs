namespace Claudemesh.Protocol;

/// <summary>A browser is signed in: its tokens are in its cookies.</summary>
/// <param name="Csrf">To be sent in the header <c>X-CSRF-Token</c> with every request that is not a GET.</param>
/// <param name="FreshUntil">Until when nothing asks for passkey or password again.</param>
public sealed record SignedInBrowser(AccountSummary Account, string Csrf, DateTimeOffset FreshUntil);
