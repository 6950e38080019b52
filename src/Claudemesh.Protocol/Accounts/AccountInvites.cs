namespace Claudemesh.Protocol;

/// <summary>The body of <c>POST /api/my/account-invites</c>: lets somebody make an account who is invited to no workspace. For operators.</summary>
/// <param name="Uses">1 to 100; usually 1.</param>
/// <param name="ExpiresInDays">1 to 30; usually 7.</param>
public sealed record MakeAccountInvite(int? Uses = null, int? ExpiresInDays = null) : ILimited
{
    public const int UsesMax = 100;
    public const int DaysMax = 30;
    public const int DaysUsual = 7;

    string? ILimited.FindFault() =>
        Uses is < 1 or > UsesMax ? $"uses must be 1 to {UsesMax}" : ExpiresInDays is < 1 or > DaysMax ? $"expiresInDays must be 1 to {DaysMax}" : null;
}

/// <param name="Link">What is given to who is invited. It is told once, and kept as a hash.</param>
public sealed record AccountInviteMade(string Id, string Link, int Uses, DateTimeOffset ExpiresAt);
