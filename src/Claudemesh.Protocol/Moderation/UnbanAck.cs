namespace Claudemesh.Protocol;

/// <param name="Unbanned">The member's name.</param>
public sealed record UnbanAck(string Unbanned, PublicKey? Pubkey = null) : IMessage
{
    public static string WireType => "unban_ack";
}
