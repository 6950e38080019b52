using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>Has the broker know that the account's person is there now, where he has given his password.</summary>
internal sealed class Freshness(AccountCalls calls)
{
    /// <summary>Without a password the broker decides by the last proof; then it may refuse what follows.</summary>
    /// <returns>Why it is not believed; null when it is, or nothing was given.</returns>
    public async Task<LocalProblem?> ProveAsync(Login login, string? password, string? code, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(password))
            return null;

        string? given = string.IsNullOrWhiteSpace(code) ? null : code.Trim();
        LocalReply<Nothing> proven = await calls.SendAsync(
            login, HttpMethod.Post, "api/auth/fresh/password", new FreshPassword(password, given), WireJson.Default.FreshPassword, WireJson.Default.Nothing, cancellationToken);
        return proven.Problem is { Error: "code_invalid" } && given is null ? AccountProblems.SecondFactorNeeded() : proven.Problem;
    }
}
