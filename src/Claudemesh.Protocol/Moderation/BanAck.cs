namespace Claudemesh.Protocol;

/// <param name="Banned">The member's name.</param>
/// <param name="Pubkey">Its key: what <see cref="Unban"/> takes without doubt.</param>
public sealed record BanAck(string Banned, PublicKey? Pubkey = null) : IMessage
{
    public static string WireType => "ban_ack";
}
