using System.Text;

namespace Claudemesh.Load.Traffic;

/// <summary>One <c>send</c> of a 1.x daemon, written once; for each message only the ids and the nonce change.</summary>
internal sealed class SendFrame
{
    /// <summary>Of the ciphertext, before base64.</summary>
    public const int BodyBytes = 272;

    private readonly byte[] text;
    private readonly int id;
    private readonly int clientId;
    private readonly int nonce;

    public SendFrame(string target)
    {
        byte[] body = new byte[BodyBytes];
        for (int at = 0; at < body.Length; at++)
            body[at] = (byte)(31 * at);

        string ids = Encoding.ASCII.GetString(ClientIds.Placeholder);
        text = Encoding.ASCII.GetBytes(
            $"{{\"type\":\"send\",\"id\":\"{ids}\",\"client_message_id\":\"{ids}\",\"targetSpec\":\"{target}\",\"priority\":\"next\","
            + $"\"nonce\":\"{new string('A', MessageNo.NonceBytes)}\",\"ciphertext\":\"{Convert.ToBase64String(body)}\","
            + $"\"request_fingerprint\":\"{new string('5', 64)}\"}}");
        id = After("\"id\":\"");
        clientId = After("\"client_message_id\":\"");
        nonce = After("\"nonce\":\"");
    }

    public ReadOnlySpan<byte> Fill(MessageNo number, ref ClientIds ids, long unixMilliseconds)
    {
        Span<byte> both = text.AsSpan(id, ClientIds.TextBytes);
        ids.Write(both, unixMilliseconds);
        both.CopyTo(text.AsSpan(clientId));
        number.Write(text.AsSpan(nonce));
        return text;
    }

    private int After(string opening) => text.AsSpan().IndexOf(Encoding.ASCII.GetBytes(opening)) + opening.Length;
}
