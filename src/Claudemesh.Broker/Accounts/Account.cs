using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts;

/// <summary>The number of an account's row: shorter than its id, and told to nobody.</summary>
internal readonly record struct AccountNo(long Value);

/// <summary>A person's login on this broker. What proves that it is he lies in tables of its own; his keys are never here.</summary>
/// <param name="EmailVerifiedAt">Null: an address that nobody has shown to be his.</param>
internal sealed record Account(
    AccountNo No,
    UserId Id,
    string Username,
    string DisplayName,
    string? Email,
    DateTimeOffset? EmailVerifiedAt,
    bool IsOperator,
    DateTimeOffset CreatedAt)
{
    public AccountSummary Summary => new(Id, Username, DisplayName, IsOperator);
}

/// <param name="UsernameKey">What makes two names the same, see the sign-up's rules.</param>
internal sealed record NewAccount(UserId Id, string Username, string UsernameKey, string DisplayName, string? Email, bool IsOperator);
