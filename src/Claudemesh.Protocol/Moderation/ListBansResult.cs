namespace Claudemesh.Protocol;

/// <param name="Bans">Newest first.</param>
public sealed record ListBansResult(Banned[] Bans) : IMessage, ILimited
{
    public static string WireType => "list_bans_result";

    string? ILimited.FindFault() => Limit.HasNull("bans", Bans);
}

public sealed record Banned(string Name, PublicKey Pubkey, DateTimeOffset RevokedAt);
