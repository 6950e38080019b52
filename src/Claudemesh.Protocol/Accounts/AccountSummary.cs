namespace Claudemesh.Protocol;

/// <summary>Who is signed in, as every answer about it says.</summary>
/// <param name="Username">Unique on the broker, as it was written at sign-up.</param>
/// <param name="IsOperator">Whether the account runs the broker: the first one does.</param>
public sealed record AccountSummary(UserId UserId, string Username, string DisplayName, bool IsOperator);
