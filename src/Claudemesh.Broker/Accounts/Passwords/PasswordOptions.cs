namespace Claudemesh.Broker.Accounts.Passwords;

/// <summary>What a password costs. Not an operator's choice; tests take less of it.</summary>
internal sealed record PasswordOptions
{
    public PasswordCost Cost { get; init; } = PasswordCost.Usual;
}
