namespace Claudemesh.Protocol.Signing;

/// <summary>What became of a message at one recipient, signed by the recipient's member key (keys.md 6).</summary>
/// <param name="State"><c>surfaced</c>, <c>read</c> or <c>refused</c>; any other makes the text ill-formed.</param>
/// <param name="Reason">Why it was refused; null or empty for the other two.</param>
public readonly record struct ReceiptText(
    string MeshId,
    PublicKey SenderMember,
    string ClientMessageId,
    PublicKey RecipientMember,
    PublicKey? RecipientSession,
    string State,
    string? Reason,
    long At) : ISignable
{
    public const string Label = "claudemesh/receipt/1";

    public static bool IsState(string state) => state is "surfaced" or "read" or "refused";

    public void WriteTo(ref SignedBytes bytes)
    {
        bytes.Label(Label);
        bytes.Id(MeshId);
        bytes.Key(SenderMember);
        bytes.Text(ClientMessageId);
        bytes.Key(RecipientMember);
        bytes.OptionalKey(RecipientSession);
        bytes.OneOf(State, IsState(State));
        bytes.Text(Reason);
        bytes.Number(At);
    }
}
